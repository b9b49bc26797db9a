// Pairs this browser with a machine that asks: by a code of either side.

import { shown } from './display.js';
import { button, fill, make } from './element.js';
import { introduction, sealKey } from './keys.js';
import { addPairing, passkey } from './vault.js';

const LOOK_EVERY = 1500;
const CODE = /^[A-Za-z0-9._:=@~-]{1,32}$/;

/** Returns the code of a link that a machine shows, or null. */
export function codeOf(link) {
  const [, fragment] = link.split('#');
  const part = (fragment ?? '').split('&').find((each) => each.startsWith('pair='));
  const code = part?.slice('pair='.length) ?? '';
  return CODE.test(code) ? code : null;
}

/** Sleeps; a page that is hidden still looks, only less often. */
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export class Pairing {
  #identity;
  #gateway;
  #onpaired;
  #fingerprint;
  #offer = 0;
  /** Whether what a machine makes of the last answer is not known yet. */
  #isOpen = false;
  #input;
  #status = make('p.status', { role: 'status' });
  #command = make('code.command-line', { dir: 'ltr', translate: false, tabIndex: 0 }, '…');

  constructor(identity, gateway, fingerprint, onpaired) {
    this.#identity = identity;
    this.#gateway = gateway;
    this.#fingerprint = fingerprint;
    this.#onpaired = onpaired;
    const input = make('input', { name: 'code', autocomplete: 'off', spellcheck: false,
      autocapitalize: 'characters', 'aria-label': 'Code of the machine', placeholder: 'AB3D-7K9Q' });
    this.#input = input;
    const form = make('form.code', { onsubmit: (event) => this.#typed(event, input) },
      input, make('button.plain', { type: 'submit' }, 'Pair'), scanner((code) => this.#with(code)));
    const copy = button('Copy', () => {
      navigator.clipboard.writeText(this.#command.textContent)
        .then(() => { this.#status.textContent = 'Copied.'; }, () => {});
    });
    this.element = make('section.view.pairing', { 'aria-label': 'Pair' },
      make('h1', 'Pair with a machine'),
      make('p', 'Run this where the commands come from. It names the key of this browser, so '
        + 'nobody can put another in its place.'),
      make('div.copy', this.#command, copy),
      make('p.remark', 'This page goes on by itself.'),
      make('h2', 'Or by a code of that machine'),
      make('p', 'Type the code that ', make('code', 'airlock-exec pair'),
        ' shows, and compare this fingerprint there:'),
      make('p.fingerprint', { dir: 'ltr', translate: false }, fingerprint),
      form, this.#status);
  }

  /** Makes a code, and pairs with the machine that uses it. */
  async open() {
    const mine = this.#offer += 1;
    // An older one may have another code, and say nothing of a passkey.
    this.#command.textContent = '…';
    try {
      const made = await this.#gateway.post('/v1/pairing/pre-generate',
        { approverId: this.#identity.approverId });
      const touched = await passkey() ? ' --passkey' : '';
      this.#command.textContent = `airlock-exec pair --name browser --code ${made.pairingCode} `
        + `--fingerprint ${this.#fingerprint}${touched}`;
      const until = Date.parse(made.expiresAt);
      while (mine === this.#offer && Date.now() < until) {
        await pause(LOOK_EVERY);
        const session = await this.#gateway.get(`/v1/pairing/resolve/${made.pairingCode}`)
          .catch(() => null);
        if (mine === this.#offer && session?.enforcerId) {
          await this.#complete(session);
          return;
        }
      }
      if (mine === this.#offer) this.open();
    } catch (error) {
      this.#status.textContent = `No code could be made: ${error.message}.`;
    }
  }

  /** Says what became of what was answered here, once that is known; what went wrong is said above. */
  settle({ kept, unsaid }) {
    if (!this.#isOpen || unsaid) return;
    this.#isOpen = false;
    this.#status.textContent = kept ? `Paired with ${kept}: it keeps the pairing.` : '';
  }

  close() {
    this.#offer += 1;
  }

  /** Fills in the code of a link. Whoever sent it need not be the person: they press. */
  suggest(code) {
    this.#input.value = code;
    this.#status.textContent = 'The link has a code. Compare the fingerprint, then press Pair.';
  }

  #typed(event, input) {
    event.preventDefault();
    this.#with(input.value);
  }

  async #with(text) {
    const typed = text.replaceAll(' ', '');
    const code = codeOf(typed) ?? typed;
    if (!CODE.test(code)) {
      this.#status.textContent = 'That is no code; one looks like AB3D-7K9Q.';
      return;
    }
    this.#status.textContent = 'Pairing…';
    try {
      const session = await this.#gateway.get(`/v1/pairing/resolve/${encodeURIComponent(code)}`);
      if (!session.enforcerId) throw new Error('no machine has used that code yet');
      await this.#complete(session);
    } catch (error) {
      const unknown = error.status === 404 || error.status === 410;
      const words = unknown ? 'the code is unknown, was used, or is too old' : error.message;
      this.#status.textContent = `Not paired: ${words}.`;
    }
  }

  async #complete(session) {
    const { enforcerId, pairingNonce, x25519PublicKey } = session;
    if (!x25519PublicKey || await sealKey(this.#identity, x25519PublicKey) === null) {
      throw new Error('the machine sent no key to seal with');
    }
    const own = await passkey();
    const answer = await introduction(this.#identity, pairingNonce, own);
    await this.#gateway.post('/v1/pairing/complete', {
      nonce: pairingNonce,
      approverId: this.#identity.approverId,
      responseJson: JSON.stringify(answer),
      publicKey: answer.publicKey,
    });
    const label = session.enforcerLabel ?? enforcerId;
    await addPairing({ enforcerId, label, nonce: pairingNonce, x25519PublicKey,
      workspace: session.workspaceName, pairedAt: new Date().toISOString(), passkey: own });
    this.close();
    fill(this.#status, make('bdi', shown(label)), ' has not said yet whether it keeps the pairing.');
    this.#isOpen = true;
    await this.#onpaired();
  }
}

/** A button that reads the code with the camera, where the browser can. */
function scanner(found) {
  if (!('BarcodeDetector' in window) || !navigator.mediaDevices?.getUserMedia) return null;
  const video = make('video', { hidden: true, muted: true, playsInline: true });
  const scan = button('Scan the QR code', async () => {
    const detector = new window.BarcodeDetector({ formats: ['qr_code'] });
    const stream = await navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } }).catch(() => null);
    if (!stream) return;
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const until = Date.now() + 60_000;
    while (video.isConnected && Date.now() < until) {
      const [code] = await detector.detect(video).catch(() => []);
      const read = code && (codeOf(code.rawValue) ?? code.rawValue);
      if (read && CODE.test(read)) {
        found(read);
        break;
      }
      await pause(250);
    }
    stream.getTracks().forEach((track) => track.stop());
    video.hidden = true;
  });
  return make('span.scan', scan, video);
}
