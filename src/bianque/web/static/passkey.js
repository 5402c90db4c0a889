// Passkeys: asks the browser to make or use one, and sends its answer with the form around the button.
// Without this file the button stays hidden and the six-digit code does.

async function ceremony(button) {
  const { passkey: path, make } = button.dataset;
  const form = button.form;
  const given = await fetch(path.replace(/(\?|$)/, "/options$1"), { method: "POST", body: new FormData(form) });
  if (!given.ok) throw new Error(String(given.status));
  const options = await given.json();
  const answer = make
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "answer", value: JSON.stringify(answer.toJSON()) });
  form.append(field);
  form.action = path;
  form.noValidate = true;
  form.submit();
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    ceremony(button).catch(() => {
      button.disabled = false;
      const said = Object.assign(document.createElement("p"), { className: "mistake", role: "alert", textContent: button.dataset.failed });
      button.form.querySelector("[role=alert]")?.remove();
      button.form.prepend(said);
    });
  });
}
