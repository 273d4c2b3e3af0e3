/** Which of the app's states is on the screen: starting, registration, terms to accept, choices, new terms, or the chats. */
import { useEffect } from "react";
import { RegistrationScreen } from "./registration/registration.tsx";
import { ChoicesScreen } from "./sharing/choices-screen.tsx";
import { Shell } from "./shell/shell.tsx";
import { FullPage } from "./starting/full-page.tsx";
import { useModel } from "./state/context.ts";
import { useCell } from "./state/store.ts";
import { AcceptTermsScreen } from "./terms/accept-terms.tsx";
import { NoticePage } from "./terms/notice-page.tsx";
import { useNotice } from "./terms/use-notice.ts";
import { useTermsGate } from "./terms/use-terms-gate.ts";
import { Button } from "./ui/button.tsx";
import { LiveRegion } from "./ui/live-region.tsx";
import { words } from "./words/words.ts";

export function App() {
	return (
		<>
			<Screen />
			<LiveRegion />
		</>
	);
}

function Screen() {
	const model = useModel();
	const host = useCell(model.hostState);
	const terms = useCell(model.terms);
	const self = useCell(model.self);
	const sharing = useCell(model.sharing);
	const choosing = useCell(model.choosing);
	const notice = useNotice();
	const gate = useTermsGate();

	useEffect(() => {
		document.documentElement.lang = "en";
	}, []);

	switch (host.state) {
		case "starting":
			return <FullPage title={words.starting.opening} />;
		case "failed":
			return (
				<FullPage title={words.starting.failedTitle} text={words.starting.failedText}>
					<p className="text-muted text-xs">{words.starting.detail(host.code)}</p>
					<Button onClick={() => location.reload()}>{words.common.tryAgain}</Button>
				</FullPage>
			);
		case "unregistered":
			return <RegistrationScreen />;
		case "open":
			if (gate === "accept" && terms !== undefined) return <AcceptTermsScreen terms={terms} />;
			if (choosing !== undefined && terms !== undefined && sharing !== undefined)
				return <ChoicesScreen terms={terms} sharing={sharing} place={choosing} />;
			if (notice?.asPage === true && terms !== undefined) return <NoticePage notice={notice} terms={terms} />;
			return gate === "ask" || self === undefined ? <FullPage title={words.starting.opening} /> : <Shell />;
	}
}
