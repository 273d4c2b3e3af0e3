/** What the app says about messages of businesses. */
export const business = {
	title: "Messages from this business",
	about:
		"A business the operator approved. What you stop is stopped at once, and the business is told only that it is.",
	since: (when: string) => `Your signed decision of ${when}.`,
	purposes: {
		utility: { label: "Orders and deliveries", text: "What you ordered, booked or asked to be told of." },
		authentication: { label: "Codes", text: "Codes to sign in with, sent when you ask for one." },
		service: { label: "Answers", text: "Replies within a day after you wrote." },
		marketing: { label: "Offers", text: "Only with your yes, which you can take back here." },
	},
};
