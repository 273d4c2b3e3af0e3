/** Something is under way; whoever shows it says what. */
export function Spinner({ size = 16 }: { readonly size?: number }) {
	return (
		<svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className="animate-turn">
			<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2.2" opacity="0.25" />
			<path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
		</svg>
	);
}
