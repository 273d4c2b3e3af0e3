/** The address book: taken in, compared with the server where the person says so, written to, invited from, removed. */
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { CheckContacts } from "./check-contacts.tsx";
import { ContactList } from "./contact-list.tsx";
import { ImportContacts } from "./import-contacts.tsx";
import { useAddressBook } from "./use-address-book.ts";

export function ContactsPage() {
	const { host, announcement } = useModel();
	const { value: contacts, error } = useAddressBook();
	const [forgetting, setForgetting] = useState(false);
	const act = useAction();
	const { contacts: say } = words.finding;
	const some = contacts !== undefined && contacts.length > 0;
	const forget = () =>
		act(async () => {
			await host.forgetContacts();
			announcement.set(say.forgotten);
		});
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				<p>{say.lead}</p>
				{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
				<ImportContacts />
				{some && <CheckContacts contacts={contacts} />}
				{some && <ContactList contacts={contacts} />}
				{some && (
					<Button look="dangerPlain" className="self-start" onClick={() => setForgetting(true)}>
						<Trash2 size={17} aria-hidden="true" /> {say.forget}
					</Button>
				)}
			</div>
			<Confirm
				open={forgetting}
				onClose={() => setForgetting(false)}
				title={say.forgetTitle}
				text={say.forgetText}
				action={say.forgetAction}
				onConfirm={() => void forget()}
			/>
		</Pane>
	);
}
