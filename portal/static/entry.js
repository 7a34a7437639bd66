// Fields that make sense only under a condition are shown when it holds. Without scripts all are shown, with the condition in words.
(() => {
  const follow = (form) => {
    for (const place of form.querySelectorAll("[data-when]")) {
      const wanted = JSON.parse(place.dataset.in);
      const chosen = [...form.querySelectorAll(`[name="${place.dataset.when}"]`)].filter((input) => input.type !== "checkbox" || input.checked);
      const holds = chosen.some((input) => wanted.includes(input.value));
      place.hidden = !holds && !place.classList.contains("wrong");
      // What is not shown is not sent.
      for (const input of place.querySelectorAll("input, select, textarea")) input.disabled = place.hidden;
    }
  };
  for (const form of document.querySelectorAll("form.entry")) {
    form.addEventListener("change", () => follow(form));
    follow(form);
  }
})();
