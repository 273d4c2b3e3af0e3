/** The members of a group, and what an admin can do with each. */
import type { ConversationMember, ConversationView } from "@troth/client/device/api.ts";
import { EllipsisVertical, Flag, KeyRound, MessageSquare, ShieldCheck, UserMinus } from "lucide-react";
import { useState } from "react";
import { PersonRow } from "../people/person-row.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Menu } from "../ui/menu.tsx";
import { words } from "../words/words.ts";
import { ReportSheet } from "./report-button.tsx";
import { useAction } from "./use-action.ts";

export interface MembersListProps {
	readonly conversation: ConversationView;
	readonly mayManage: boolean;
}

export function MembersList({ conversation, mayManage }: MembersListProps) {
	const [removing, setRemoving] = useState<ConversationMember>();
	const [reporting, setReporting] = useState<ConversationMember>();
	const model = useModel();
	const titleOf = useTitle();
	const act = useAction();
	// Oneself first, then admins, then the others by name.
	const rank = ({ self, role }: ConversationMember) => (self ? 0 : role === "admin" ? 1 : 2);
	const members = [...conversation.members].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
	return (
		<>
			<ul>
				{members.map((member) => (
					<li key={member.account}>
						<PersonRow
							person={member}
							detail={words.info.devices(member.devices.length)}
							trailing={
								<>
									{member.verified && (
										<ShieldCheck size={18} className="shrink-0 text-moss" aria-label={words.chat.verified} />
									)}
									{conversation.changed.some(({ person, seen }) => !seen && person.account === member.account) && (
										<KeyRound size={18} className="shrink-0 text-rust" aria-label={words.trust.mark} />
									)}
									{member.role === "admin" && (
										<span className="rounded-full bg-brass-soft px-2.5 py-0.5 font-semibold text-2xs text-brass">
											{words.info.admin}
										</span>
									)}
									{!member.self && (
										<Menu
											items={[
												{
													label: words.info.messageMember,
													icon: <MessageSquare size={17} />,
													onSelect: () =>
														void act(async () => {
															const id = await model.host.openDirect(member.account);
															model.conversations.refresh(id);
															goTo({ place: "chat", id });
														}),
												},
												{
													label: words.info.safety,
													icon: <ShieldCheck size={17} />,
													onSelect: () => goTo({ place: "safety", id: conversation.id, account: member.account }),
												},
												{
													label: words.limits.report.send,
													icon: <Flag size={17} />,
													danger: true,
													onSelect: () => setReporting(member),
												},
												...(mayManage
													? [
															{
																label: words.info.removeMember,
																icon: <UserMinus size={17} />,
																danger: true,
																onSelect: () => setRemoving(member),
															},
														]
													: []),
											]}
											trigger={
												<IconButton label={words.info.memberActions(titleOf(nameOf(member)))}>
													<EllipsisVertical size={19} />
												</IconButton>
											}
										/>
									)}
								</>
							}
						/>
					</li>
				))}
			</ul>
			{reporting !== undefined && (
				<ReportSheet
					account={reporting.account}
					name={titleOf(nameOf(reporting))}
					conversation={conversation.id}
					onClose={() => setReporting(undefined)}
				/>
			)}
			<Confirm
				open={removing !== undefined}
				onClose={() => setRemoving(undefined)}
				title={words.info.removeTitle(removing === undefined ? "" : titleOf(nameOf(removing)))}
				text={words.info.removeText}
				action={words.common.remove}
				onConfirm={() =>
					void act(async () => {
						if (removing === undefined) return;
						await model.host.removeMembers(conversation.id, [removing.account]);
						model.conversations.refresh(conversation.id);
					})
				}
			/>
		</>
	);
}
