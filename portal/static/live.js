// The figures move by themselves while somebody looks. Without scripts the page comes anew by itself.
(() => {
  const place = document.getElementById("figures"), line = document.getElementById("connection");
  if (!place || !window.EventSource) return;
  let source = null, later = 0;
  const say = (text) => { if (line.textContent !== text) line.textContent = text; };
  const close = () => { clearTimeout(later); if (source) source.close(); source = null; };
  const open = () => {
    close();
    source = new EventSource(place.dataset.stream);
    source.addEventListener("open", () => say("实时更新中"));
    source.addEventListener("figures", (event) => { place.innerHTML = event.data; say("实时更新中"); });
    // The session ended or the account was locked: the log-in says so.
    source.addEventListener("ended", () => { close(); location.reload(); });
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) { say("连接中断，一分钟后再试"); later = setTimeout(open, 60000); } else say("正在重新连接…");
    });
  };
  // Nobody looks at a page in the background; its place is another's.
  document.addEventListener("visibilitychange", () => { if (document.hidden) { close(); say("已暂停"); } else open(); });
  open();
})();
