// Light, dark, or as the system says. A classic script, so that the choice holds before the first paint.
(() => {
  const choices = ["auto", "light", "dark"];
  const key = "foreshadow.theme";

  /** The remembered choice; storage may be denied, then it lasts as long as the page. */
  function remembered() {
    try {
      const choice = localStorage.getItem(key);
      return choices.includes(choice) ? choice : "auto";
    } catch {
      return "auto";
    }
  }

  function apply(choice) {
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }

  let choice = remembered();
  apply(choice);

  document.addEventListener("DOMContentLoaded", () => {
    const shown = document.getElementById("theme-choice");
    shown.textContent = choice;
    document.getElementById("theme").addEventListener("click", () => {
      choice = choices[(choices.indexOf(choice) + 1) % choices.length];
      apply(choice);
      shown.textContent = choice;
      try {
        localStorage.setItem(key, choice);
      } catch {
        // Denied: the choice lasts as long as the page.
      }
    });
  });
})();
