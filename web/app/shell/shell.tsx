/**
 * The frame of the app. Wide: the list beside what is open, and a third pane for what is said about a chat. Narrow:
 * one pane, chosen by the route, with the browser's own way back.
 */
import type { ReactNode } from "react";
import { ChatPane } from "../chat/chat-pane.tsx";
import { ChatsPane } from "../chats/chats-pane.tsx";
import { ChatInfoPane } from "../info/chat-info-pane.tsx";
import { DevicesBanner } from "../linking/devices-banner.tsx";
import { useNotifications } from "../notifications/use-notifications.ts";
import { NewChatPane } from "../people/new-chat-pane.tsx";
import { NewGroupPane } from "../people/new-group-pane.tsx";
import { useRoute } from "../routing/router.ts";
import type { Route } from "../routing/routes.ts";
import { SettingsPane } from "../settings/settings-pane.tsx";
import { useBeingHere } from "../state/presence.ts";
import { later } from "../ui/later.tsx";
import { words } from "../words/words.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { EndingBanner } from "./ending-banner.tsx";
import { NothingOpen } from "./nothing-open.tsx";
import { TermsBanner } from "./terms-banner.tsx";
import { useDocumentTitle } from "./use-document-title.ts";
import { useRoom } from "./use-room.ts";
import { useShortcuts } from "./use-shortcuts.ts";

const AddPage = later(async () => (await import("../people/add-page.tsx")).AddPage);
const LinkFamilyPage = later(async () => (await import("../sharing/link-family-page.tsx")).LinkFamilyPage);
const LinkPage = later(async () => (await import("../linking/link-page.tsx")).LinkPage);
const PeoplePagePane = later(async () => (await import("../people/people-pages.tsx")).PeoplePagePane);
const SafetyPane = later(async () => (await import("../info/safety-pane.tsx")).SafetyPane);
const SettingsPagePane = later(async () => (await import("../settings/settings-pages.tsx")).SettingsPagePane);
const VerifyPage = later(async () => (await import("../info/verify-page.tsx")).VerifyPage);

interface Panes {
	/** The list at the start of the line. */
	readonly list: ReactNode;
	/** What is open. */
	readonly main: ReactNode;
	/** What is said about it; takes its place where there is no room for both. */
	readonly beside: ReactNode;
	/** Which of them a narrow screen shows. */
	readonly narrow: "list" | "main" | "beside";
}

function panesOf(route: Route): Panes {
	switch (route.place) {
		case "chats":
			return { list: <ChatsPane />, main: <NothingOpen />, beside: undefined, narrow: "list" };
		case "new-chat":
			return { list: <NewChatPane />, main: <NothingOpen quiet />, beside: undefined, narrow: "list" };
		case "new-group":
			return { list: <NewGroupPane />, main: <NothingOpen quiet />, beside: undefined, narrow: "list" };
		case "people":
			return {
				list: <NewChatPane page={route.page} />,
				main: <PeoplePagePane key={route.page} page={route.page} />,
				beside: undefined,
				narrow: "main",
			};
		case "add":
			return {
				list: <ChatsPane />,
				main: <AddPage key={route.link} link={route.link} />,
				beside: undefined,
				narrow: "main",
			};
		case "settings":
			return {
				list: <SettingsPane page={route.page} />,
				main:
					route.page === undefined ? <NothingOpen quiet /> : <SettingsPagePane page={route.page} key={route.page} />,
				beside: undefined,
				narrow: route.page === undefined ? "list" : "main",
			};
		case "verify":
			return {
				list: <ChatsPane />,
				main: <VerifyPage key={route.code} code={route.code} />,
				beside: undefined,
				narrow: "main",
			};
		case "link":
			return {
				list: <SettingsPane page="devices" />,
				main: <LinkPage key={route.code} code={route.code} />,
				beside: undefined,
				narrow: "main",
			};
		case "link-family":
			return { list: <ChatsPane />, main: <LinkFamilyPage to={route.to} />, beside: undefined, narrow: "main" };
		case "chat":
			return {
				list: <ChatsPane />,
				main: <ChatPane key={route.id} id={route.id} />,
				beside: undefined,
				narrow: "main",
			};
		case "chat-info":
		case "safety":
			return {
				list: <ChatsPane />,
				main: <ChatPane key={route.id} id={route.id} />,
				beside:
					route.place === "safety" ? (
						<SafetyPane key={route.account} account={route.account} />
					) : (
						<ChatInfoPane key={route.id} id={route.id} />
					),
				narrow: "beside",
			};
	}
}

export function Shell() {
	const { list, main, beside, narrow } = panesOf(useRoute());
	const room = useRoom();
	// The page's main part is what one looks at, in whichever pane it stands.
	const chief = room === "one" ? narrow : room === "two" && beside !== undefined ? "beside" : "main";
	const asMain = { id: "main", role: "main", tabIndex: -1 };
	useShortcuts();
	useDocumentTitle();
	useBeingHere();
	useNotifications();
	return (
		<div className="flex h-full flex-col">
			<button
				type="button"
				onClick={() => document.getElementById("main")?.focus()}
				className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-control focus:bg-plum focus:px-4 focus:py-2 focus:text-on-plum"
			>
				{words.skipToContent}
			</button>
			<ConnectionBanner />
			<TermsBanner />
			<EndingBanner />
			<DevicesBanner />
			<div className="flex min-h-0 flex-1">
				<div
					{...(chief === "list" && asMain)}
					className={`w-full flex-col bg-surface outline-none md:flex md:w-80 md:shrink-0 md:border-line md:border-r lg:w-92 ${narrow === "list" ? "flex" : "hidden"}`}
				>
					{list}
				</div>
				<div {...(chief === "main" && asMain)} className={`min-w-0 flex-1 bg-canvas outline-none ${VISIBLE[narrow]}`}>
					{main}
				</div>
				{beside !== undefined && (
					<div
						{...(chief === "beside" ? asMain : { role: "complementary" })}
						className="w-full min-w-0 flex-1 border-line bg-surface outline-none xl:w-96 xl:flex-none xl:border-l"
					>
						{beside}
					</div>
				)}
			</div>
		</div>
	);
}

/** Where the main pane is seen, by what a narrow screen shows. */
const VISIBLE = { list: "hidden md:block", main: "block", beside: "hidden xl:block" } as const;
