/** Stands above the composer until the person has decided what a changed key or number means. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { KeyRound } from "lucide-react";
import { AcceptButton } from "../info/accept-button.tsx";
import { useAction } from "../info/use-action.ts";
import { safetyChanges } from "../info/use-safety.ts";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";

export function KeyChangeBanner({ conversation }: { readonly conversation: ConversationView }) {
	const model = useModel();
	const act = useAction();
	const titleOf = useTitle();
	const change = conversation.changed.find(({ seen }) => !seen);
	if (change === undefined) return null;
	const { person, what, asks } = change;
	const { banner } = words.trust;
	// Their number belongs to the other account now: what stays is what the chat is called.
	const known = nameOf(person);
	const name = titleOf(known === words.common.unknownPerson ? conversation.title || known : known);
	const dismiss = () =>
		act(async () => {
			await model.host.acknowledgeKeyChange(person.account);
			safetyChanges.set(safetyChanges.value + 1);
			model.conversations.refresh(conversation.id);
		});
	return (
		<section
			aria-label={words.trust.mark}
			className="flex shrink-0 flex-col gap-2 border-line border-t bg-rust-soft px-4 py-3 text-sm sm:px-6"
		>
			<p className="flex items-start gap-2.5">
				<KeyRound size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-rust" />
				<span>
					<span className="font-semibold">{banner[what](name)}</span> {asks && banner.verified}
				</span>
			</p>
			<div className="flex flex-wrap items-center gap-2 pl-7">
				{what === "key" ? (
					<Link
						to={{ place: "safety", id: conversation.id, account: person.account }}
						className="grid min-h-9 place-items-center rounded-control bg-plum px-4 font-semibold text-on-plum text-sm hover:bg-plum-strong"
					>
						{banner.look}
					</Link>
				) : (
					<AcceptButton account={person.account} what={what} name={name} />
				)}
				<Button look="plain" className="min-h-9" onClick={() => void dismiss()}>
					{what === "key" ? banner.dismiss : banner.dismissNumber}
				</Button>
			</div>
		</section>
	);
}
