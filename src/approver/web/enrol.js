// Where a person adds a passkey to this browser, or is told why there can be none.

import { button, fill, make, moment } from './element.js';
import { isLoopback } from './number.js';
import { add, obstacle } from './passkey.js';
import { passkey, setPasskey } from './vault.js';

const FOR_WHAT = 'With a passkey (a security key, a fingerprint, a phone) an approval of what is hard '
  + 'to undo takes a touch. A program that drives this browser can sign, and cannot touch.';

export class Enrolment {
  #name;
  #body = make('div');
  #status = make('p.status', { role: 'status' });

  /** `name` is what the browser calls the passkey in its own list. */
  constructor(name) {
    this.#name = name;
    this.element = make('section.passkey', { 'aria-labelledby': 'passkey' },
      make('h2', { id: 'passkey' }, 'Passkey'), this.#body, this.#status);
  }

  async open() {
    this.#status.textContent = '';
    await this.#draw();
  }

  async #draw() {
    const against = obstacle();
    const known = await passkey();
    if (known) {
      fill(this.#body,
        make('p', `There is one since ${moment(known.addedAt)}. A machine asks for it from the next `
          + 'pairing on: run the command that Pair shows, also where this browser is paired already.'),
        make('p', button('Remove the passkey', () => this.#remove())));
    } else if (against) {
      fill(this.#body, make('p', FOR_WHAT), make('p', `${against}.`), elsewhere());
    } else {
      fill(this.#body, make('p', FOR_WHAT), make('p', button('Add a passkey', () => this.#add())));
    }
  }

  async #add() {
    this.#status.textContent = 'Your browser asks for it now…';
    try {
      await setPasskey(await add(this.#name));
      this.#status.textContent = 'Added. Now pair, also with machines that are paired already.';
    } catch (error) {
      this.#status.textContent = error.name === 'NotAllowedError' ? 'No passkey was added.'
        : `No passkey was added: ${error.message}.`;
    }
    await this.#draw();
  }

  async #remove() {
    await setPasskey(null);
    this.#status.textContent = 'Removed here. Machines that were paired with it go on asking for it, '
      + 'until the pairing is ended there and made anew.';
    await this.#draw();
  }
}

/** Says at which address there can be one. */
function elsewhere() {
  const { hostname, port, protocol } = window.location;
  if (!isLoopback(hostname)) {
    return make('p', 'Open this page at a name, over HTTPS with a certificate that the browser trusts.');
  }
  const href = `${protocol}//localhost${port === '' ? '' : `:${port}`}/`;
  return make('div',
    make('p', 'At ', make('a', { href }, href), ' it has. The keys of this browser are kept by address: '
      + 'it has to be let in there, and pair. This prints the address that lets it in:'),
    make('p', make('code.command-line', { tabIndex: 0 }, 'airlock-exec approver web --passkey')));
}
