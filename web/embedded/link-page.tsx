/** A company's page sent the person here, by way of the host's page, to say that both accounts are theirs (C4). */
import { LINKING } from "@troth/client/consent/as-shown.ts";
import { readConnectAddress } from "@troth/client/consent/connect-address.ts";
import { Link2Off } from "lucide-react";
import { LinkFrame, LinkQuestion } from "../app/sharing/link-question.tsx";
import { Button } from "../app/ui/button.tsx";
import { words } from "../app/words/words.ts";
import { type PageProps, reasonOf } from "./embedded-app.tsx";
import { tell } from "./frame.ts";
import { OtherBrowser } from "./other-browser.tsx";
import { say } from "./words.ts";

interface LinkPageProps extends PageProps {
	readonly to: string;
}

export function LinkPage(props: LinkPageProps) {
	const { person, locale, terms, sharing, open, to } = props;
	const { link: ask } = words.sharing;
	const address = readConnectAddress(to, sharing.recipients);
	const purpose = terms.purposes.find(({ id }) => id === LINKING);
	const company = purpose?.recipients.find(({ id }) => id === address?.recipient.id);
	if (address === undefined || purpose === undefined || company === undefined)
		return (
			<LinkFrame title={ask.wrongTitle} text={say.linkWrong} icon={<Link2Off size={30} />}>
				<Button look="quiet" onClick={() => open("settings")}>
					{say.tabs.settings}
				</Button>
			</LinkFrame>
		);
	if (sharing.acceptedVersion !== terms.version)
		return (
			<LinkFrame title={ask.title(company.name)} text={ask.termsFirst} icon={<Link2Off size={30} />}>
				<Button onClick={() => open("notice")}>{say.readTerms}</Button>
			</LinkFrame>
		);
	if (!person.canAllow) return <OtherBrowser {...props} />;
	const { nonce, recipient } = address;
	return (
		<LinkQuestion
			site={recipient.url}
			name={company.name}
			fields={purpose.fields}
			link={async () => {
				await person.link(locale, nonce, recipient.id);
				tell({ troth: "decided" });
			}}
			cancel={() => open("settings")}
			reasonOf={reasonOf}
		/>
	);
}
