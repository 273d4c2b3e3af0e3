/**
 * Two rings that hold each other: Troth's mark, and the way it shows how far a message has come. A ring is left open
 * where it passes below the other one, so that the weave needs no masks and works at 14 pixels.
 */

interface RingProps {
	readonly cx: number;
	readonly cy: number;
	readonly r: number;
	readonly width: number;
	/** Degrees, clockwise from three o'clock, where the ring passes below. */
	readonly belowAt?: number;
	/** Degrees of the opening. */
	readonly opening?: number;
	readonly stroke: string;
}

function Ring({ cx, cy, r, width, belowAt, opening = 0, stroke }: RingProps) {
	const dash =
		belowAt === undefined
			? {}
			: {
					pathLength: 360,
					strokeDasharray: `${360 - opening} ${opening}`,
					transform: `rotate(${belowAt + opening / 2} ${cx} ${cy})`,
				};
	return <circle cx={cx} cy={cy} r={r} fill="none" stroke={stroke} strokeWidth={width} {...dash} />;
}

/** The mark, decorative: whoever shows it says "Troth" beside it. */
export function Mark({ size = 32, onSeal = false }: { readonly size?: number; readonly onSeal?: boolean }) {
	return (
		<svg width={size * 1.375} height={size} viewBox="0 0 44 32" aria-hidden="true" focusable="false">
			<Ring
				cx={15.5}
				cy={16}
				r={11}
				width={4}
				belowAt={54.2}
				opening={36}
				stroke={onSeal ? "var(--on-seal)" : "var(--plum)"}
			/>
			<Ring
				cx={28.5}
				cy={16}
				r={11}
				width={4}
				belowAt={234.2}
				opening={36}
				stroke={onSeal ? "var(--seal-brass)" : "var(--brass-fill)"}
			/>
		</svg>
	);
}

/** Mark and name. */
export function Wordmark({ size = 26, onSeal = false }: { readonly size?: number; readonly onSeal?: boolean }) {
	return (
		<span className="inline-flex items-center gap-2.5">
			<Mark size={size} onSeal={onSeal} />
			<span
				className={`font-bold tracking-[-0.035em] ${onSeal ? "text-on-seal" : "text-ink"}`}
				style={{ fontSize: `${size * 0.96}px`, lineHeight: 1 }}
			>
				Troth
			</span>
		</span>
	);
}

export type Way = "waiting" | "stored" | "delivered" | "read";

/**
 * How far an own message has come: an open ring (still here), a ring (the server has it), two linked rings (it is on
 * their device), two linked rings closed to discs (read). Decorative: the text beside or around it says the same.
 */
export function WayMark({ way }: { readonly way: Way }) {
	const stroke = "currentColor";
	const linked = way === "delivered" || way === "read";
	return (
		<svg
			width={linked ? 19 : 12}
			height="14"
			viewBox={linked ? "1.5 0 19 14" : "9 0 12 14"}
			aria-hidden="true"
			focusable="false"
			className="shrink-0"
		>
			{way === "waiting" && (
				<circle
					cx="15"
					cy="7"
					r="4.6"
					fill="none"
					stroke={stroke}
					strokeWidth="1.7"
					strokeDasharray="2.6 2.2"
					className="animate-breathe"
				/>
			)}
			{way === "stored" && <Ring cx={15} cy={7} r={4.6} width={1.7} stroke={stroke} />}
			{linked && (
				<>
					{way === "read" && (
						<g fill={stroke} opacity="0.45">
							<circle cx="7.6" cy="7" r="4.6" />
							<circle cx="14" cy="7" r="4.6" />
						</g>
					)}
					<Ring cx={7.6} cy={7} r={4.6} width={1.9} belowAt={46} opening={44} stroke={stroke} />
					<Ring cx={14} cy={7} r={4.6} width={1.9} belowAt={226} opening={44} stroke={stroke} />
				</>
			)}
		</svg>
	);
}
