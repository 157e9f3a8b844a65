/*
 * The site's only script, on pages that ask for a passkey. It marks the document as scripted, so that the stylesheet shows the
 * button. On a press it has the browser make a key (`create`) or sign (`get`) by the form's `data-options`, puts the result into
 * the form and sends it. Errors show the form's own texts. It loads nothing and contacts no other host.
 */
(() => {
  document.documentElement.classList.add('scripted');
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '');
  const withBytes = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const ask = async (kind, options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === 'get')
      return navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials: withBytes(options.allowCredentials) } });
    const user = { ...options.user, id: bytes(options.user.id) };
    return navigator.credentials.create({
      publicKey: { ...publicKey, user, excludeCredentials: withBytes(options.excludeCredentials) },
    });
  };
  const answer = ({ id, rawId, type, response }) => {
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      parts.attestationObject = text(response.attestationObject);
      parts.transports = response.getTransports ? response.getTransports() : [];
    } else {
      parts.authenticatorData = text(response.authenticatorData);
      parts.signature = text(response.signature);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: parts });
  };
  const showNote = (form, name) => {
    for (const note of form.querySelectorAll('[data-note]')) note.hidden = note.dataset.note !== name;
    const shown = form.querySelector(`[data-note="${name}"]`);
    if (shown) shown.focus();
  };
  const start = (form) => {
    const button = form.querySelector('[data-passkey]');
    if (!window.PublicKeyCredential || !navigator.credentials) {
      button.hidden = true;
      return showNote(form, 'unable');
    }
    button.addEventListener('click', async () => {
      button.disabled = true;
      showNote(form, '');
      try {
        form.elements.passkey.value = answer(await ask(button.dataset.passkey, JSON.parse(form.dataset.options)));
        form.submit();
      } catch (error) {
        button.disabled = false;
        showNote(form, error && error.name === 'InvalidStateError' ? 'known' : 'failed');
      }
    });
  };
  addEventListener('DOMContentLoaded', () => document.querySelectorAll('form[data-options]').forEach(start));
})();
