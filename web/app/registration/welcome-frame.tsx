/** The page around registration: on wide screens the seal with what Troth promises, on phones only its edge. */
import type { ReactNode } from "react";
import { Wordmark } from "../design/rings.tsx";
import { words } from "../words/words.ts";

export interface WelcomeFrameProps {
	/** Absent where there is one step only. */
	readonly step?: number;
	readonly steps?: number;
	readonly children: ReactNode;
	/** Long content (terms) gets the height of the page. */
	readonly tall?: boolean;
}

export function WelcomeFrame({ step, steps, children, tall = false }: WelcomeFrameProps) {
	return (
		<div className="flex h-full flex-col overflow-y-auto lg:flex-row lg:overflow-hidden">
			<aside className="relative shrink-0 overflow-hidden bg-seal px-6 py-5 text-on-seal lg:flex lg:w-[44%] lg:max-w-2xl lg:flex-col lg:justify-between lg:p-12">
				<BigRings />
				<div className="relative">
					<Wordmark size={30} onSeal />
				</div>
				<div className="relative hidden max-w-md lg:block">
					<p className="mb-9 text-balance font-bold text-3xl tracking-[-0.02em]">{words.welcome.headline}</p>
					<ul className="flex flex-col gap-5">
						{words.welcome.points.map(({ title, text }) => (
							<li key={title} className="border-seal-brass border-l-2 pl-4">
								<p className="font-semibold">{title}</p>
								<p className="text-on-seal-quiet text-sm">{text}</p>
							</li>
						))}
					</ul>
				</div>
				<p className="relative mt-1 text-on-seal-quiet text-sm lg:hidden">{words.welcome.headline}</p>
			</aside>
			<main className={`flex flex-1 flex-col lg:min-h-0 ${tall ? "" : "lg:justify-center"}`}>
				<div
					className={`mx-auto flex w-full flex-col px-6 py-8 ${tall ? "min-h-0 flex-1 max-w-2xl lg:py-12" : "max-w-md lg:pb-24"}`}
				>
					{step !== undefined && steps !== undefined && <Progress step={step} steps={steps} />}
					{children}
				</div>
			</main>
		</div>
	);
}

function Progress({ step, steps }: { readonly step: number; readonly steps: number }) {
	return (
		<div className="mb-6 flex items-center gap-3">
			<span aria-hidden="true" className="flex gap-1.5">
				{Array.from({ length: steps }, (_, i) => i + 1).map((i) => (
					<span
						key={i}
						className={`h-1.5 rounded-full transition-all ${i === step ? "w-7 bg-plum" : i < step ? "w-3 bg-plum/60" : "w-3 bg-edge/40"}`}
					/>
				))}
			</span>
			<p className="text-muted text-xs">{words.welcome.step(step, steps)}</p>
		</div>
	);
}

/** The mark, larger than the page, as the ground of the seal. */
function BigRings() {
	return (
		<svg
			aria-hidden="true"
			viewBox="0 0 600 800"
			preserveAspectRatio="xMidYMid slice"
			className="absolute inset-0 size-full"
			fill="none"
			stroke="var(--seal-ring)"
		>
			{/* Centres 242 apart at 38°: they cross at 89° and 348° of the first, 168° and 269° of the second. */}
			<g strokeWidth="36">
				<circle cx="330" cy="130" r="190" pathLength="360" strokeDasharray="338 22" transform="rotate(99.7 330 130)" />
				<circle cx="520" cy="280" r="190" pathLength="360" strokeDasharray="338 22" transform="rotate(279.7 520 280)" />
			</g>
		</svg>
	);
}
