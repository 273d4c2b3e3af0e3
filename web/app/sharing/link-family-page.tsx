/** A recipient's page sent the person here, to say on this device that both accounts are theirs (C4). */
import { LINKING } from "@troth/client/consent/as-shown.ts";
import { readConnectAddress } from "@troth/client/consent/connect-address.ts";
import { Link2Off } from "lucide-react";
import { useCallback } from "react";
import { goTo } from "../routing/router.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { LinkFrame, LinkQuestion } from "./link-question.tsx";

export function LinkFamilyPage({ to }: { readonly to: string }) {
	const model = useModel();
	const sharing = useCell(model.sharing);
	const accepted = sharing?.acceptedVersion ?? 0;
	const { value: terms, error } = useAnswer(
		useCallback(async () => (accepted === 0 ? undefined : model.host.terms(accepted)), [model, accepted]),
	);
	const { link: say } = words.sharing;
	if (error !== undefined) return <NoLink title={say.wrongTitle} text={reasonOf(error)} />;
	if (sharing === undefined || terms === undefined) return <Spinner size={22} />;
	const address = readConnectAddress(to, sharing.recipients);
	if (address === undefined) return <NoLink title={say.wrongTitle} text={say.wrongText} />;
	const { nonce, recipient } = address;
	const purpose = terms.purposes.find(({ id }) => id === LINKING);
	const company = purpose?.recipients.find(({ id }) => id === recipient.id);
	if (purpose === undefined || company === undefined)
		return <NoLink title={say.title(recipient.id)} text={say.termsFirst} />;
	return (
		<LinkQuestion
			site={recipient.url}
			name={company.name}
			fields={purpose.fields}
			link={async () => model.putSharing(await model.host.linkRecipient(nonce, recipient.id))}
			cancel={toChats}
			reasonOf={reasonOf}
		/>
	);
}

function toChats(): void {
	goTo({ place: "chats" }, { replace: true });
}

function NoLink({ title, text }: { readonly title: string; readonly text: string }) {
	return (
		<LinkFrame title={title} text={text} icon={<Link2Off size={30} />}>
			<Button look="quiet" onClick={toChats}>
				{words.sharing.link.toChats}
			</Button>
		</LinkFrame>
	);
}
