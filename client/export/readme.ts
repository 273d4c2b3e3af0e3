/** The first file of an export, for whoever opens it. */
export const README = `This is everything that one device of a Troth account had when it was exported.

It is not encrypted: whoever has this file can read your messages. Keep it where only you are.

  index.html                          open this to read
  conversations/ID/transcript.html    one conversation, to read
  conversations/ID/messages.json      the same, for programs, oldest first
  conversations.json                  what there is, with members and counts
  people.json                         whom the account ids stand for
  contacts.vcf                        your address book, where you took one in (vCard 4.0, RFC 6350)
  account.json                        your account, its devices, settings and limits
  receipts/                           your decisions about sharing, signed by your device and by the server (JSON-LD)
  shares.json                         what was shared about you, with the proofs, as this device checked them
  server.json                         what the server's own records hold about you
  schemas/                            JSON Schema (draft 2020-12) of each of these files
  manifest.json                       counts, and what could not be had because the server did not answer

The format is troth-export/2. It is described in docs/export.md of Troth. No keys are in it: it can not be used to send,
or to be you.
`;
