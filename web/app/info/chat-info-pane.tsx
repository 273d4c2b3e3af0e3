/** What there is to know and to do about a chat. */
import type { ConversationView } from "@troth/client/device/api.ts";
import type { ConversationId } from "@troth/protocol";
import {
	Ban,
	ChevronRight,
	DoorOpen,
	LockKeyhole,
	Pencil,
	RotateCcw,
	ShieldCheck,
	ShieldQuestion,
	UserPlus,
} from "lucide-react";
import { useState } from "react";
import { BusinessSection } from "../business/business-section.tsx";
import { OwnNameSheet } from "../people/own-name-sheet.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { ConversationAvatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { AddMembersSheet, RenameSheet } from "./group-sheets.tsx";
import { MembersList } from "./members-list.tsx";
import { ReportButton } from "./report-button.tsx";
import { RestartButton } from "./restart-button.tsx";
import { useAction } from "./use-action.ts";
import { useSafety } from "./use-safety.ts";

export function ChatInfoPane({ id }: { readonly id: ConversationId }) {
	const conversation = useCell(useModel().conversations.list)?.find((candidate) => candidate.id === id);
	if (conversation === undefined) return null;
	return (
		<Pane
			title={conversation.kind === "group" ? words.info.groupTitle : words.info.title}
			stands="beside"
			onLeave={() => goTo({ place: "chat", id }, { replace: true })}
		>
			<div className="flex flex-col gap-6 p-5">
				<Head conversation={conversation} />
				{conversation.kind === "group" ? <Group conversation={conversation} /> : <Direct conversation={conversation} />}
				<section className="flex gap-3 text-muted text-xs">
					<LockKeyhole size={16} aria-hidden="true" className="mt-0.5 shrink-0" />
					<p>
						<span className="font-semibold">{words.info.encryption}.</span>{" "}
						{words.info.encryptionText(conversation.epoch)}
					</p>
				</section>
				{!conversation.ended && (
					<RestartButton
						conversation={conversation.id}
						className="flex min-h-12 items-center gap-3.5 rounded-control px-4 text-left font-semibold text-plum text-sm hover:bg-hover"
					>
						<RotateCcw size={20} aria-hidden="true" />
					</RestartButton>
				)}
			</div>
		</Pane>
	);
}

function Head({ conversation }: { readonly conversation: ConversationView }) {
	const titleOf = useTitle();
	const [renaming, setRenaming] = useState(false);
	const { kind, members, ended } = conversation;
	const peer = kind === "direct" ? members.find(({ self }) => !self) : undefined;
	const below =
		kind === "group"
			? words.chat.members(members.length)
			: peer?.phone === undefined
				? words.info.phoneUnknown
				: titleOf(peer.phone);
	return (
		<div className="flex flex-col items-center gap-1 pt-2 text-center">
			<ConversationAvatar conversation={conversation} size={96} />
			<p className="mt-3 flex max-w-full items-center gap-1">
				<span className="min-w-0 break-words font-bold text-xl">{titleOf(conversation.title)}</span>
				{!ended && (
					<IconButton
						label={kind === "group" ? words.info.rename : words.finding.ownName.edit}
						onClick={() => setRenaming(true)}
					>
						<Pencil size={17} />
					</IconButton>
				)}
			</p>
			<p className="text-muted text-sm">{below}</p>
			{renaming &&
				(kind === "group" ? (
					<RenameSheet conversation={conversation} onClose={() => setRenaming(false)} />
				) : (
					<OwnNameSheet conversation={conversation} onClose={() => setRenaming(false)} />
				))}
		</div>
	);
}

function Direct({ conversation }: { readonly conversation: ConversationView }) {
	const model = useModel();
	const titleOf = useTitle();
	const [blocking, setBlocking] = useState(false);
	const act = useAction();
	const peer = conversation.members.find(({ self }) => !self);
	const safety = useSafety(peer?.account);
	if (peer === undefined) return null;
	const name = titleOf(conversation.title);
	const change = (task: Promise<void>) =>
		act(async () => {
			await task;
			model.conversations.refresh(conversation.id);
		});
	return (
		<>
			<Link
				to={{ place: "safety", id: conversation.id, account: peer.account }}
				className={`flex items-center gap-3.5 rounded-card p-4 ${safety?.verified === true ? "bg-moss-soft" : "bg-hover"}`}
			>
				{safety?.verified === true ? (
					<ShieldCheck size={24} aria-hidden="true" className="text-moss" />
				) : (
					<ShieldQuestion size={24} aria-hidden="true" className="text-brass" />
				)}
				<span className="flex-1">
					<span className="block font-semibold text-sm">{words.info.safety}</span>
					<span className="block text-muted text-xs">
						{safety?.verified === true ? words.chat.verified : words.info.safetyText}
					</span>
				</span>
				<ChevronRight size={18} aria-hidden="true" className="text-muted" />
			</Link>
			<BusinessSection account={peer.account} />
			<button
				type="button"
				onClick={() => (conversation.blocked ? void change(model.host.unblock(peer.account)) : setBlocking(true))}
				className="flex min-h-12 items-center gap-3.5 rounded-control px-4 text-left font-semibold text-rust text-sm hover:bg-rust-soft"
			>
				<Ban size={20} aria-hidden="true" />
				{conversation.blocked ? words.info.unblock(name) : words.info.block(name)}
			</button>
			<ReportButton account={peer.account} name={name} conversation={conversation.id} />
			<Confirm
				open={blocking}
				onClose={() => setBlocking(false)}
				title={words.info.blockTitle(name)}
				text={words.info.blockText}
				action={words.info.blockAction}
				onConfirm={() => void change(model.host.block(peer.account))}
			/>
		</>
	);
}

function Group({ conversation }: { readonly conversation: ConversationView }) {
	const model = useModel();
	const [adding, setAdding] = useState(false);
	const [leaving, setLeaving] = useState(false);
	const act = useAction();
	const mayManage = conversation.members.some(({ self, role }) => self && role === "admin") && !conversation.ended;
	return (
		<>
			<section aria-labelledby="members">
				<h2 id="members" className="mb-1 font-semibold text-muted text-xs">
					{words.info.members}
				</h2>
				{mayManage && (
					<button
						type="button"
						onClick={() => setAdding(true)}
						className="-mx-2 flex min-h-14 w-[calc(100%+1rem)] items-center gap-3 rounded-control px-2 text-left font-semibold text-plum hover:bg-hover"
					>
						<span aria-hidden="true" className="grid size-[42px] place-items-center rounded-full bg-plum-soft">
							<UserPlus size={20} />
						</span>
						{words.info.addMembers}
					</button>
				)}
				<MembersList conversation={conversation} mayManage={mayManage} />
			</section>
			{!conversation.ended && (
				<button
					type="button"
					onClick={() => setLeaving(true)}
					className="flex min-h-12 items-center gap-3.5 rounded-control px-4 text-left font-semibold text-rust text-sm hover:bg-rust-soft"
				>
					<DoorOpen size={20} aria-hidden="true" />
					{words.info.leave}
				</button>
			)}
			<Confirm
				open={leaving}
				onClose={() => setLeaving(false)}
				title={words.info.leaveTitle}
				text={words.info.leaveText}
				action={words.info.leave}
				onConfirm={() =>
					void act(async () => {
						await model.host.leave(conversation.id);
						model.conversations.refresh(conversation.id);
						goTo({ place: "chat", id: conversation.id }, { replace: true });
					})
				}
			/>
			{adding && <AddMembersSheet conversation={conversation} onClose={() => setAdding(false)} />}
		</>
	);
}
