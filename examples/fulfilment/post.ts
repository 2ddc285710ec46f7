// The mail service of these examples: a mail is sent once per key, and stays sent.

import { Replies } from './replies.ts';

export interface Mail {
  readonly to: string;
  readonly kind: string;
}

export class Post {
  readonly sent: Mail[] = [];
  readonly #replies: Replies = new Replies();

  send(key: string, { to, kind }: Mail): { readonly mailId: string } {
    return this.#replies.once(key, { to, kind }, () => {
      this.sent.push({ to, kind });
      return { mailId: `mail-${this.sent.length}` };
    });
  }
}
