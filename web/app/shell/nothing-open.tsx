/** What a wide screen shows beside the list when no chat is open. */
import { words } from "../words/words.ts";

/** @param quiet the list beside it already says what to do */
export function NothingOpen({ quiet = false }: { readonly quiet?: boolean }) {
	return (
		<div className="grid h-full place-items-center p-8">
			<div className="flex max-w-sm flex-col items-center gap-3 text-center">
				<svg viewBox="0 0 200 130" width="180" aria-hidden="true" fill="none" strokeWidth="5">
					<circle
						cx="76"
						cy="65"
						r="50"
						stroke="var(--plum)"
						opacity="0.32"
						pathLength="360"
						strokeDasharray="342 18"
						transform="rotate(67 76 65)"
					/>
					<circle
						cx="124"
						cy="65"
						r="50"
						stroke="var(--brass-fill)"
						opacity="0.5"
						pathLength="360"
						strokeDasharray="342 18"
						transform="rotate(250 124 65)"
					/>
				</svg>
				{!quiet && <Invitation />}
			</div>
		</div>
	);
}

function Invitation() {
	return (
		<>
			<h1 className="font-bold text-lg">{words.nothingOpen.title}</h1>
			<p className="text-balance text-muted text-sm">{words.nothingOpen.text}</p>
			<p className="mt-3 text-muted text-xs">
				<Key>Ctrl</Key> <Key>K</Key> {words.nothingOpen.keys}
			</p>
		</>
	);
}

function Key({ children }: { readonly children: string }) {
	return (
		<kbd className="inline-block min-w-6 rounded-[6px] border border-line border-b-2 bg-surface px-1.5 text-center font-sans text-2xs">
			{children}
		</kbd>
	);
}
