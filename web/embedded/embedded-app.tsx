/** The embedded pages and how to get from one to another. */
import type { EmbeddedPerson } from "@troth/client/beside/embedded-person.ts";
import { Untrusted } from "@troth/client/identity/untrusted.ts";
import { isRefusal } from "@troth/protocol";
import { useCallback, useState } from "react";
import { useAnswer } from "../app/settings/use-answer.ts";
import { Button } from "../app/ui/button.tsx";
import { Problem } from "../app/ui/field.tsx";
import { Spinner } from "../app/ui/spinner.tsx";
import { LinkPage } from "./link-page.tsx";
import { NoticePage } from "./notice-page.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { SharesPage } from "./shares-page.tsx";
import { say } from "./words.ts";

type Page = keyof typeof say.tabs | "link";

/** Everything a page shows, read at once. */
export interface Shown {
	readonly terms: Awaited<ReturnType<EmbeddedPerson["terms"]>>;
	readonly sharing: Awaited<ReturnType<EmbeddedPerson["sharing"]>>;
}

export interface PageProps extends Shown {
	readonly person: EmbeddedPerson;
	readonly locale: string;
	/** Reads everything again. */
	readonly changed: () => void;
	readonly open: (page: Page) => void;
}

interface EmbeddedAppProps {
	readonly person: EmbeddedPerson;
	readonly first: Page;
	/** For the page `link`: the address that a company's page gave out. */
	readonly to: string;
}

export function EmbeddedApp({ person, first, to }: EmbeddedAppProps) {
	const [page, open] = useState<Page>(first);
	const locale = person.locale ?? navigator.language;
	const read = useCallback(async (): Promise<Shown> => {
		const [terms, sharing] = [await person.terms(locale), await person.sharing()];
		return { terms, sharing };
	}, [person, locale]);
	const { value, error, again } = useAnswer(read);
	if (error !== undefined) return <Failure error={error} again={again} />;
	if (value === undefined)
		return (
			<div className="flex justify-center p-8">
				<Spinner size={22} />
			</div>
		);
	const props = { person, locale, changed: again, open, ...value };
	return (
		<main className="mx-auto flex max-w-2xl flex-col gap-5 p-4 sm:p-6">
			{page === "notice" ? (
				<NoticePage {...props} />
			) : page === "link" ? (
				<LinkPage {...props} to={to} />
			) : (
				<>
					<nav className="flex flex-wrap gap-1.5" aria-label={say.settingsTitle}>
						{(["settings", "shares", "notice"] as const).map((name) => (
							<button
								key={name}
								type="button"
								aria-current={page === name ? "page" : undefined}
								onClick={() => open(name)}
								className="min-h-11 rounded-control px-2.5 py-2 font-semibold text-muted text-sm hover:bg-hover aria-[current]:bg-plum-soft aria-[current]:text-plum"
							>
								{say.tabs[name]}
							</button>
						))}
					</nav>
					{page === "settings" ? <SettingsPage {...props} /> : <SharesPage {...props} />}
				</>
			)}
		</main>
	);
}

/** What went wrong, in a sentence; the person can try again where that may help. */
export function Failure({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
	return (
		<div className="flex flex-col items-start gap-3 p-5">
			<Problem>{reasonOf(error)}</Problem>
			{again !== undefined && (
				<Button look="quiet" onClick={again}>
					{say.again}
				</Button>
			)}
		</div>
	);
}

export function reasonOf(error: unknown): string {
	if (error instanceof Untrusted) return say.untrusted;
	return isRefusal(error, "UNAUTHENTICATED") ? say.over : say.failed;
}
