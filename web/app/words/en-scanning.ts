/** Reading a QR code with this device's camera. */
export const scanning = {
	point: "Point the camera at the code on the other screen",
	picture: "Take a picture of the code",
	unable: "What reads the code could not be loaded.",
	refused: "The camera can not be used. Allow it in the browser, or take a picture of the code.",
	nothingInPicture: "There is no code in that picture. Try again, closer.",
} as const;
