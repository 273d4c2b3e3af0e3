/** Where messages are written. The half-written one stays with its chat; Enter sends, Shift + Enter does not. */
import type { ConversationView, MessageView } from "@troth/client/device/api.ts";
import { isRefusal, LIMITS } from "@troth/protocol";
import { Ban, CornerUpLeft, DoorOpen, SendHorizontal, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { OnlyHistory } from "../archive/only-history.tsx";
import { useTitle } from "../people/use-numbers.ts";
import type { Chat } from "../state/chat.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { nameOf, previewOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { useDraft } from "./use-draft.ts";
import { useTypingSignal } from "./use-typing-signal.ts";

export interface ComposerProps {
	readonly chat: Chat;
	readonly conversation: ConversationView;
	readonly replyTo: MessageView | undefined;
	readonly onReplyDone: () => void;
}

export function Composer(props: ComposerProps) {
	const { conversation } = props;
	const model = useModel();
	const connection = useCell(model.connection);
	const title = useTitle()(conversation.title);
	if (conversation.onlyHistory === true)
		return (
			<Closed>
				<OnlyHistory conversation={conversation} />
			</Closed>
		);
	// A note says that there is no room for this device.
	if (conversation.joining === "full") return null;
	if (conversation.ended) {
		return (
			<Closed>
				<DoorOpen size={18} aria-hidden="true" /> {words.composer.ended}
			</Closed>
		);
	}
	if (conversation.blocked) {
		const peer = conversation.members.find(({ self }) => !self);
		const unblock = async () => {
			if (peer === undefined) return;
			try {
				await model.host.unblock(peer.account);
				model.conversations.refresh(conversation.id);
			} catch (error) {
				model.say(reasonOf(error));
			}
		};
		return (
			<Closed>
				<Ban size={18} aria-hidden="true" /> {words.composer.blocked(title)}
				<Button look="quiet" className="min-h-9" onClick={unblock}>
					{words.composer.unblock}
				</Button>
			</Closed>
		);
	}
	if (connection.state === "relink-required" || connection.state === "removed") {
		return <Closed>{words.composer.cannotSend}</Closed>;
	}
	return <Open {...props} title={title} />;
}

function Closed({ children }: { readonly children: React.ReactNode }) {
	return (
		<div className="safe-bottom flex shrink-0 flex-wrap items-center justify-center gap-2.5 border-line border-t bg-surface px-4 pt-3 text-center text-muted text-sm">
			{children}
		</div>
	);
}

function Open({ chat, conversation, replyTo, onReplyDone, title }: ComposerProps & { readonly title: string }) {
	const field = useRef<HTMLTextAreaElement>(null);
	const { text, setText, clear } = useDraft(conversation.id);
	const [error, setError] = useState<string>();
	const [asking, setAsking] = useState(false);
	const model = useModel();
	const signalTyping = useTypingSignal(conversation.id);
	const titleOf = useTitle();

	// With a keyboard at hand writing begins at once; on a phone it would cover half the chat.
	useEffect(() => {
		if (matchMedia("(hover: hover) and (pointer: fine)").matches) field.current?.focus();
	}, []);

	useEffect(() => {
		if (replyTo !== undefined) field.current?.focus();
	}, [replyTo]);

	const send = async () => {
		const message = text.trim();
		if (message === "") return;
		if (new TextEncoder().encode(message).length > LIMITS.textBytes) return setError(words.composer.tooLong);
		setError(undefined);
		const answers = replyTo?.id;
		clear();
		onReplyDone();
		signalTyping(false);
		try {
			await chat.send(message, answers);
		} catch (failure) {
			setText(message);
			// Somebody who was verified is not who they were: the person is asked, not told off.
			if (isRefusal(failure, "KEYS_CHANGED")) return setAsking(true);
			setError(reasonOf(failure));
		}
		field.current?.focus();
	};

	const sendAnyway = async () => {
		for (const { person, asks } of conversation.changed)
			if (asks) await model.host.acknowledgeKeyChange(person.account);
		model.conversations.refresh(conversation.id);
		await send();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		if (event.nativeEvent.isComposing) return;
		if (event.key === "Enter" && !event.shiftKey) {
			event.preventDefault();
			void send();
		} else if (event.key === "Escape" && replyTo !== undefined) {
			event.preventDefault();
			event.stopPropagation();
			onReplyDone();
		}
	};

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void send();
			}}
			className="safe-bottom shrink-0 border-line border-t bg-surface px-3 pt-2.5 sm:px-5"
		>
			<div className="mx-auto flex max-w-3xl flex-col gap-2">
				{error !== undefined && <Problem>{error}</Problem>}
				<Confirm
					open={asking}
					onClose={() => setAsking(false)}
					title={words.trust.askTitle(title)}
					text={words.trust.askText}
					action={words.trust.askAction}
					onConfirm={() => void sendAnyway()}
				/>
				{replyTo !== undefined && (
					<div className="flex animate-rise items-center gap-2.5 rounded-control bg-hover py-1.5 pr-1 pl-3">
						<CornerUpLeft size={17} aria-hidden="true" className="shrink-0 text-plum" />
						<p className="min-w-0 flex-1 text-sm">
							<span className="block font-semibold text-plum text-xs">
								{words.composer.replyingTo(
									replyTo.sender?.self === true ? words.composer.yourself : titleOf(nameOf(replyTo.sender)),
								)}
							</span>
							<span className="block truncate">{previewOf(replyTo)}</span>
						</p>
						<IconButton label={words.composer.cancelReply} onClick={onReplyDone}>
							<X size={18} />
						</IconButton>
					</div>
				)}
				<div className="flex items-end gap-2">
					<textarea
						ref={field}
						rows={1}
						value={text}
						aria-label={words.composer.label(title)}
						placeholder={words.composer.placeholder}
						enterKeyHint="send"
						onKeyDown={onKeyDown}
						onChange={({ target }) => {
							setText(target.value);
							setError(undefined);
							signalTyping(target.value.trim() !== "");
						}}
						className="field-sizing-content max-h-44 min-h-11 min-w-0 flex-1 resize-none rounded-[22px] border border-line bg-canvas px-4 py-2 text-base leading-[1.55] -outline-offset-1 placeholder:text-muted hover:border-edge focus-visible:border-plum focus-visible:outline-1"
					/>
					<button
						type="submit"
						aria-label={words.composer.send}
						disabled={text.trim() === ""}
						className="grid size-11 shrink-0 place-items-center rounded-full bg-plum text-on-plum transition-colors hover:bg-plum-strong disabled:bg-line disabled:text-muted"
					>
						<SendHorizontal size={20} aria-hidden="true" />
					</button>
				</div>
			</div>
		</form>
	);
}
