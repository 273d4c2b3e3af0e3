/** Reading and accepting the version in force, when the app can not go on without. */
import type { TermsView } from "@troth/client/device/api.ts";
import { STEPS } from "../registration/registration.tsx";
import { WelcomeFrame } from "../registration/welcome-frame.tsx";
import { words } from "../words/words.ts";
import { AcceptButton } from "./accept-button.tsx";
import { TermsText } from "./terms-text.tsx";

export function AcceptTermsScreen({ terms }: { readonly terms: TermsView }) {
	return (
		<WelcomeFrame step={STEPS} steps={STEPS} tall>
			<div className="mb-6">
				<h1 className="font-bold text-2xl tracking-[-0.015em]">{words.terms.title}</h1>
				<p className="mt-1 text-muted text-sm">
					{words.terms.version(terms.version)},{" "}
					{words.terms.inForceSince(words.time.dayOfOtherYear(terms.publishedAtMs))}
				</p>
			</div>
			<div className="min-h-0 flex-1 lg:-mx-3 lg:overflow-y-auto lg:px-3">
				<TermsText terms={terms} />
			</div>
			<div className="sticky bottom-0 mt-5 flex flex-col gap-2 border-line border-t bg-paper pt-4 pb-5 lg:pb-0">
				<p className="text-muted text-xs">{words.terms.note}</p>
				<AcceptButton version={terms.version} />
			</div>
		</WelcomeFrame>
	);
}
