/** Settings: who one is, what others see, how it looks, and what is true about this device. */

import type { SharingView } from "@troth/client/device/api.ts";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useAction } from "../info/use-action.ts";
import { LimitsNotice } from "../limits/limits-notice.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import type { SettingsPage } from "../routing/routes.ts";
import { Prompt } from "../sharing/sharing-page.tsx";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { useServerNow } from "../state/use-now.ts";
import { Pane } from "../ui/pane.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { AppearanceChoice } from "./appearance-choice.tsx";
import { ProfileName } from "./profile-name.tsx";
import { ProfilePhoto } from "./profile-photo.tsx";

/** The overview, with a link to each page. */
export function SettingsPane({ page }: { readonly page: SettingsPage | undefined }) {
	const model = useModel();
	const self = useCell(model.self);
	const settings = useCell(model.settings);
	const terms = useCell(model.terms);
	const sharing = useCell(model.sharing);
	const titleOf = useTitle();
	const act = useAction();
	const { settings: say } = words;
	const prominent = useServerNow() < (sharing?.promptUntilMs ?? 0);
	const change = (next: Parameters<typeof model.host.changeSettings>[0]) =>
		act(async () => model.settings.set(await model.host.changeSettings(next)));
	return (
		<Pane title={say.title} onLeave={() => goTo({ place: "chats" }, { replace: true })}>
			<div className="flex flex-col gap-7 p-4 pb-10">
				{self !== undefined && (
					<div className="flex items-center gap-4 px-1 pt-2">
						<ProfilePhoto self={self} />
						<div className="min-w-0">
							<ProfileName name={self.name} />
							<p className="text-muted text-sm">{titleOf(self.phone)}</p>
						</div>
					</div>
				)}
				<LimitsNotice />
				{prominent && <SharingSection sharing={sharing} page={page} />}
				<Section title={say.privacy}>
					{settings !== undefined && (
						<>
							<SwitchRow
								label={say.readReceipts}
								text={say.readReceiptsText}
								checked={settings.readReceipts}
								onChange={(readReceipts) => void change({ readReceipts })}
							/>
							<SwitchRow
								label={say.typing}
								text={say.typingText}
								checked={settings.typingIndicators}
								onChange={(typingIndicators) => void change({ typingIndicators })}
							/>
						</>
					)}
					<PageLink page="privacy" current={page} label={words.privacy.title} />
					<PageLink page="about-me" current={page} label={words.aboutMe.link} />
					<PageLink page="blocked" current={page} label={say.blocked} />
				</Section>
				{!prominent && <SharingSection sharing={sharing} page={page} />}
				<Section title={say.appearance}>
					<AppearanceChoice />
				</Section>
				<Section title={say.about}>
					<PageLink page="notifications" current={page} label={words.notifications.title} />
					<PageLink page="devices" current={page} label={say.devices} />
					<PageLink page="storage" current={page} label={say.storage} detail={say.storageText} />
					<PageLink page="backup" current={page} label={words.archive.title} detail={words.archive.detail} />
					<PageLink
						page="terms"
						current={page}
						label={say.terms}
						detail={
							terms === undefined
								? undefined
								: terms.acceptedVersion >= terms.version
									? say.termsAccepted(terms.acceptedVersion)
									: say.termsPending(terms.version)
						}
					/>
					<PageLink page="registration-lock" current={page} label={words.registrationLock.title} />
					<PageLink page="change-number" current={page} label={words.changingNumber.title} />
					<PageLink page="delete-account" current={page} label={words.deleting.title} />
				</Section>
				{self !== undefined && (
					<p className="px-4 text-muted text-xs">
						{say.server}: {self.server}
					</p>
				)}
			</div>
		</Pane>
	);
}

interface SharingSectionProps {
	readonly sharing: SharingView | undefined;
	readonly page: SettingsPage | undefined;
}

/** Nothing where nobody could get anything (C10). */
function SharingSection({ sharing, page }: SharingSectionProps) {
	if (sharing === undefined || sharing.recipients.length === 0) return null;
	const { settings: say, shares } = words.sharing;
	return (
		<>
			{page !== "sharing" && <Prompt sharing={sharing} />}
			<Section title={say.section}>
				<PageLink page="sharing" current={page} label={say.title} detail={describeSharing(sharing)} />
				<PageLink page="shares" current={page} label={shares.title} detail={shares.text} />
			</Section>
		</>
	);
}

function describeSharing({ choices }: SharingView): string {
	const { off, allowed } = words.sharing.settings;
	const granted = choices.filter(({ state }) => state === "granted").length;
	return granted === 0 ? off : allowed(granted);
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
	return (
		<section aria-label={title}>
			<h2 className="mb-2 px-4 font-semibold text-muted text-xs">{title}</h2>
			<div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">{children}</div>
		</section>
	);
}

interface PageLinkProps {
	readonly page: SettingsPage;
	readonly current: SettingsPage | undefined;
	readonly label: string;
	readonly detail?: string | undefined;
}

function PageLink({ page, current, label, detail }: PageLinkProps) {
	return (
		<Link
			to={{ place: "settings", page }}
			aria-current={current === page ? "page" : undefined}
			className={`flex min-h-13 items-center gap-3 px-4 py-2.5 outline-offset-[-3px] ${current === page ? "bg-plum-soft" : "hover:bg-hover"}`}
		>
			<span className="flex-1">
				<span className="block font-semibold text-sm">{label}</span>
				{detail !== undefined && <span className="block text-muted text-xs">{detail}</span>}
			</span>
			<ChevronRight size={18} aria-hidden="true" className="text-muted" />
		</Link>
	);
}
