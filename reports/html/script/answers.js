(() => {
  const save = document.getElementById("save-answers");
  if (save === null) return;
  const korean = () => document.getElementById("show-ko").checked;
  const say = (ko, en) => (korean() ? ko : en);
  const state = document.getElementById("save-state");
  const forms = Array.from(document.querySelectorAll("fieldset.answer"));
  const largest = 32 * 1024 * 1024, mostFiles = 20;

  const field = (form, name) => form.querySelector(`[name=${name}]`);
  const outcome = (form) => form.querySelector("input[type=radio]:checked")?.value ?? "";
  const value = (form, name) => field(form, name)?.value.trim() ?? "";
  const person = (text) => text.replace(/\s+/g, "").toLowerCase();

  /* What XML 1.0 cannot hold is left out. */
  const plain = (text) => text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "");
  const escaped = (text) => plain(text).replace(/[&<>"\t\n\r]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const content = (text) => plain(text).replace(/[&<>\r]/g, (letter) => `&#${letter.charCodeAt(0)};`);

  const now = () => {
    const time = new Date(), two = (number) => String(number).padStart(2, "0");
    const away = -time.getTimezoneOffset(), size = Math.abs(away);
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:` +
      `${two(time.getMinutes())}:${two(time.getSeconds())}${away < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };

  const trouble = (form) => {
    const files = field(form, "files").files;
    if (value(form, "who") === "") return [say("확인한 사람의 이름이 필요합니다.", "The name of who looked is needed."), "who"];
    if (form.dataset.second === "yes" && value(form, "second") === "") {
      return [say("다른 한 사람의 확인이 필요합니다.", "Another person has to confirm it."), "second"];
    }
    if (form.dataset.second === "yes" && person(value(form, "who")) === person(value(form, "second"))) {
      return [say("확인하는 사람은 다른 사람이어야 합니다.", "Who confirms must be another person."), "second"];
    }
    if (files.length > mostFiles) return [say("첨부는 20개까지입니다.", "At most 20 attachments."), "files"];
    for (const file of files) {
      if (file.size === 0) return [say(`빈 파일입니다: ${file.name}`, `This file is empty: ${file.name}`), "files"];
      if (file.size > largest) return [say(`32 MiB를 넘습니다: ${file.name}`, `Larger than 32 MiB: ${file.name}`), "files"];
    }
    return null;
  };

  const base64 = (file) => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });

  const answer = async (form) => {
    const second = value(form, "second");
    let out = `  <answer criterion="${escaped(form.dataset.criterion)}" outcome="${outcome(form)}" who="${escaped(value(form, "who"))}"`;
    if (second !== "") out += ` second="${escaped(second)}"`;
    out += ` at="${now()}">\n    <text>${content(field(form, "text").value.trim())}</text>\n`;
    for (const file of field(form, "files").files) {
      const type = file.type === "" ? "application/octet-stream" : file.type;
      out += `    <attachment name="${escaped(file.name.slice(0, 60))}" media-type="${escaped(type)}">${await base64(file)}</attachment>\n`;
    }
    return out + "  </answer>\n";
  };

  const check = () => {
    let first = null;
    for (const form of forms) {
      const wrong = outcome(form) === "" ? null : trouble(form);
      form.querySelector(".trouble").textContent = wrong === null ? "" : wrong[0];
      if (wrong !== null) first ??= field(form, wrong[1]);
    }
    if (first === null) return true;
    first.closest("details").open = true;
    first.focus();
    state.textContent = say("고칠 것이 있습니다.", "Something has to be put right first.");
    return false;
  };

  const hand = (text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/xml" }));
    link.download = "answers.xml";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  save.addEventListener("click", async () => {
    const filled = forms.filter((form) => outcome(form) !== "");
    if (filled.length === 0) {
      state.textContent = say("아직 고른 결과가 없습니다.", "No outcome is chosen yet.");
      return;
    }
    if (!check()) return;
    try {
      let out = `<?xml version="1.0" encoding="UTF-8"?>\n<answers run="${escaped(save.dataset.run)}" method="form">\n`;
      for (const form of filled) out += await answer(form);
      hand(out + "</answers>\n");
      state.textContent = say(`답 ${filled.length}개를 answers.xml로 저장했습니다.`, `${filled.length} answers saved as answers.xml.`);
    } catch (error) {
      state.textContent = say(`첨부를 읽을 수 없습니다: ${error.message}`, `An attachment cannot be read: ${error.message}`);
    }
  });

  for (const form of forms) {
    const mark = () => form.classList.toggle("filled", outcome(form) !== "");
    form.addEventListener("change", mark);
    form.querySelector(".clear").addEventListener("click", () => {
      for (const one of form.querySelectorAll("input[type=radio]")) one.checked = false;
      mark();
    });
  }
})();
