import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 报送一个文件并等待结果。Java 8 起可用，不依赖任何库。
 *
 * <pre>
 * javac -encoding UTF-8 Submit.java
 * GUIJI_TOKEN=gj_… java Submit http://平台地址 xzxk records.json
 * </pre>
 *
 * 文件是 JSON 数组（或一个对象），扩展名为 .jsonl 时一行一条记录。退出码：0 全部收下，1 有记录被退回，2 没有报送成功。
 * Idempotency-Key 由目录、文件内容和文件的修改时间算出：断线、超时、重启之后对同一个文件再运行一次即可，只接收一次；重新导出的文件是一次新的报送。
 * 回执原样打印；业务系统里请用自己的 JSON 库读取 records。
 */
public final class Submit {
    private static final int TRIES = 8;
    private final String base;
    private final String token;

    private Submit(String base, String token) {
        this.base = base;
        this.token = token;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        PrintStream err = new PrintStream(System.err, true, "UTF-8");
        if (arguments.length != 3) {
            err.println("java Submit http://平台地址 目录代码 文件");
            System.exit(2);
        }
        try {
            System.exit(new Submit(arguments[0], System.getenv("GUIJI_TOKEN")).run(arguments[1], arguments[2], out));
        } catch (IOException fault) {
            err.println(fault.getMessage());
            System.exit(2);
        }
    }

    private int run(String item, String file, PrintStream out) throws Exception {
        byte[] body = Files.readAllBytes(Paths.get(file));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long changed = Files.getLastModifiedTime(Paths.get(file)).toMillis();
        digest.update((item + " " + changed + "\n").getBytes(StandardCharsets.UTF_8));
        StringBuilder key = new StringBuilder();
        for (byte each : digest.digest(body)) {
            key.append(String.format("%02x", each));
        }
        String media = file.endsWith(".jsonl") ? "application/x-ndjson" : "application/json";
        String receipt = said(ask("/api/v1/items/" + item + "/records", body, media, key.toString()), "receipt");
        out.println("回执号 " + receipt);

        String answer = ask("/api/v1/receipts/" + receipt, null, null, null);
        while (said(answer, "status").matches("待处理|处理中")) {
            Thread.sleep(2000);
            answer = ask("/api/v1/receipts/" + receipt, null, null, null);
        }
        Matcher rejected = Pattern.compile("\"rejected\":(\\d+)").matcher(answer);
        boolean whole = rejected.find() && rejected.group(1).equals("0");
        out.println(answer);
        for (String next = said(answer, "next"); !next.isEmpty(); next = said(answer, "next")) {
            answer = ask(next, null, null, null);
            out.println(answer);
        }
        return whole ? 0 : 1;
    }

    /** 回答的正文。网络故障、429 和 5xx 稍候重试；其余错误抛出 IOException，正文是平台说明的原因。 */
    private String ask(String path, byte[] body, String media, String key) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpURLConnection connection = (HttpURLConnection) new URL(base + path).openConnection();
                connection.setConnectTimeout(10000);
                connection.setReadTimeout(60000);
                connection.setRequestProperty("Authorization", "Bearer " + token);
                if (body != null) {
                    connection.setDoOutput(true);
                    connection.setRequestProperty("Content-Type", media);
                    connection.setRequestProperty("Idempotency-Key", key);
                    try (OutputStream to = connection.getOutputStream()) {
                        to.write(body);
                    }
                }
                int status = connection.getResponseCode();
                String text = read(status < 400 ? connection.getInputStream() : connection.getErrorStream());
                if (status < 400) {
                    return text;
                }
                if (attempt == TRIES || (status != 429 && status < 500)) {
                    throw new Refused(text);
                }
            } catch (Refused refused) {
                throw refused;
            } catch (IOException fault) {
                if (attempt == TRIES) {
                    throw fault;
                }
            }
            Thread.sleep(1000L * attempt);
        }
    }

    private static String read(InputStream from) throws IOException {
        ByteArrayOutputStream found = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        for (int count; from != null && (count = from.read(piece)) > 0; ) {
            found.write(piece, 0, count);
        }
        return new String(found.toByteArray(), StandardCharsets.UTF_8);
    }

    /** 第一个这个名称的文字值；没有或为 null 时是空串。 */
    private static String said(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    /** 平台不接收。 */
    private static final class Refused extends IOException {
        Refused(String text) {
            super(text);
        }
    }
}
