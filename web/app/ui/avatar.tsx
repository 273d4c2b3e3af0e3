/** A person as a disc with their picture or initials; a group as two discs that overlap like the rings of the mark. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { usePhoto } from "../state/photos.ts";

const HUES = 8;

/** One of eight hues, the same for this id everywhere. */
export function hueOf(id: string): number {
	return Number.parseInt(id.slice(0, 6), 16) % HUES;
}

function initialsOf(name: string): string {
	const parts = name.split(/\s+/).filter((part) => /\p{L}|\p{N}/u.test(part));
	const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map((part) => [...(part ?? "")][0] ?? "");
	return letters.join("").toLocaleUpperCase();
}

interface DiscProps {
	readonly id: string;
	readonly name: string;
	/** As the person's view has it. */
	readonly photo: string | undefined;
	readonly size: number;
	readonly className?: string;
}

function Disc({ id, name, photo, size, className = "" }: DiscProps) {
	const hue = hueOf(id);
	const url = usePhoto(id, photo);
	if (url !== undefined)
		return (
			<img
				src={url}
				alt=""
				width={size}
				height={size}
				draggable={false}
				className={`inline-block shrink-0 select-none rounded-full object-cover ${className}`}
				style={{ width: size, height: size }}
			/>
		);
	return (
		<span
			aria-hidden="true"
			className={`inline-grid shrink-0 select-none place-items-center rounded-full font-semibold tracking-tight ${className}`}
			style={{
				width: size,
				height: size,
				fontSize: size * 0.38,
				background: `var(--person-${hue})`,
				color: `var(--person-${hue}-ink)`,
			}}
		>
			{/^[+\d]/.test(name) ? <PersonGlyph size={size * 0.5} /> : initialsOf(name)}
		</span>
	);
}

function PersonGlyph({ size }: { readonly size: number }) {
	return (
		<svg width={size} height={size} viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
			<circle cx="8" cy="5" r="3.1" />
			<path d="M1.8 15c.4-3.6 3-5.6 6.2-5.6s5.8 2 6.2 5.6z" />
		</svg>
	);
}

export interface AvatarProps {
	readonly id: string;
	readonly name: string;
	readonly photo?: string | undefined;
	readonly size?: number;
}

/** Decorative: the name always stands beside it. */
export function Avatar({ id, name, photo, size = 44 }: AvatarProps) {
	return <Disc id={id} name={name} photo={photo} size={size} />;
}

/** The face of a conversation. */
export function ConversationAvatar({
	conversation,
	size = 48,
}: {
	readonly conversation: ConversationView;
	readonly size?: number;
}) {
	const others = conversation.members.filter(({ self }) => !self);
	if (conversation.kind === "direct") {
		return (
			<Disc id={others[0]?.account ?? conversation.id} name={conversation.title} photo={others[0]?.photo} size={size} />
		);
	}
	const [first, second] = others;
	const small = Math.round(size * 0.68);
	return (
		<span className="relative inline-block shrink-0" style={{ width: size, height: size }} aria-hidden="true">
			<span className="absolute top-0 right-0">
				<Disc
					id={second?.account ?? conversation.id}
					name={second?.name ?? second?.phone ?? conversation.title}
					photo={second?.photo}
					size={small}
				/>
			</span>
			<span className="absolute bottom-0 left-0 rounded-full ring-2 ring-surface">
				<Disc
					id={first?.account ?? conversation.id.slice(6)}
					name={first?.name ?? first?.phone ?? conversation.title}
					photo={first?.photo}
					size={small}
					className="block"
				/>
			</span>
		</span>
	);
}
