/** A text for somebody who is not here yet. */
import { nameLink } from "@troth/client/finding/contact-link.ts";
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { Pane } from "../ui/pane.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { TextButtons } from "./text-buttons.tsx";

export function InvitePage() {
	return (
		<Pane title={words.finding.invite.title} stands="content">
			<div className="mx-auto max-w-xl p-5">
				<Invitation />
			</div>
		</Pane>
	);
}

/** What the text says is what the person chose: by itself it names nobody. */
export function Invitation() {
	const { host, self: own } = useModel();
	const self = useCell(own);
	const act = useAction();
	const { invite: say } = words.finding;
	const [link, setLink] = useState<string>();
	const [named, setNamed] = useState(false);
	const withLink = (wanted: boolean) =>
		act(async () => {
			if (!wanted) return setLink(undefined);
			const before = (await host.finding()).link;
			const made = before.state === "here" ? before : (await host.makeContactLink()).link;
			if (made.state === "here") setLink(made.address);
		});
	const address =
		link === undefined ? `${location.origin}/` : named && self !== undefined ? nameLink(link, self.name) : link;
	const text = say.text(address);
	return (
		<div className="flex flex-col gap-5 text-sm">
			<p>{say.lead}</p>
			<section
				aria-label={say.preview}
				className="select-all break-words rounded-card border border-line bg-raised p-4 shadow-raised"
			>
				{text}
			</section>
			<TextButtons text={text} copy={say.copy} send={say.send} />
			<div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">
				<SwitchRow
					label={say.link}
					text={say.linkText}
					checked={link !== undefined}
					onChange={(wanted) => void withLink(wanted)}
				/>
				{link !== undefined && <SwitchRow label={say.named} text={say.namedText} checked={named} onChange={setNamed} />}
			</div>
		</div>
	);
}
