// Files are dropped onto the form, and sent one by one with a bar of progress. Without scripts the form sends them all at once.
(() => {
  const form = document.getElementById("send");
  if (!form) return;
  const input = form.querySelector("input[type=file]"), place = form.querySelector(".drop");
  const bar = form.querySelector("progress"), line = document.getElementById("sending"), words = line.querySelector("span");
  const megabytes = (bytes) => `${Math.ceil(bytes / 1048576)} MB`;
  const say = (text) => { line.hidden = false; words.textContent = text; };
  for (const kind of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      place.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
  const one = (file, pressed, told) => new Promise((resolve, reject) => {
    const data = new FormData(), request = new XMLHttpRequest();
    // The token goes before the file: the server looks at it first.
    for (const [name, value] of new FormData(form)) if (name !== "files") data.append(name, value);
    if (pressed) data.append(pressed.name, pressed.value);
    data.append("files", file);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
      say(event.loaded < event.total ? `${told}：${megabytes(event.loaded)} / ${megabytes(event.total)}` : `${told}：正在存盘…`);
    });
    request.addEventListener("load", () => {
      if (request.status < 300) { resolve(request.responseURL); return; }
      let told = `没有成功（${request.status}）。`;
      try { const { message, remedy } = JSON.parse(request.responseText).error; told = `${message} ${remedy}`; } catch { /* not ours */ }
      reject(new Error(told));
    });
    request.addEventListener("error", () => reject(new Error("连接中断，没有收到。请重试。")));
    request.send(data);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files], most = Number(form.dataset.most), bytes = Number(form.dataset.bytes);
    const large = files.filter((file) => file.size > bytes), empty = files.filter((file) => !file.size);
    if (files.length > most) { say(`一次最多 ${most} 个文件，选了 ${files.length} 个。`); return; }
    if (large.length) { say(`超过 ${megabytes(bytes)}：${large.map((file) => `${file.name}（${megabytes(file.size)}）`).join("、")}。请删除其中的图片等附件，或分成几个文件。`); return; }
    if (empty.length) { say(`是空的：${empty.map((file) => file.name).join("、")}。`); return; }
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    let last = form.action;
    try {
      for (const [n, file] of files.entries()) last = await one(file, event.submitter, files.length > 1 ? `第 ${n + 1} / ${files.length} 个 ${file.name}` : `正在上传 ${file.name}`);
      location.assign(files.length > 1 ? form.action : last);
    } catch (fault) {
      say(fault.message);
      for (const button of buttons) button.disabled = false;
    }
  });
})();
