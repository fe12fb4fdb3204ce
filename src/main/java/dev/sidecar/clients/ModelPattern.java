package dev.sidecar.clients;

/** The name of a model, in which each {@code *} stands for any text. */
record ModelPattern(String text) {

    /**
     * Takes as little text as possible for each star, and a little more when the rest does not fit. Only the latest star is
     * gone back to, so the time is at most the product of both lengths.
     */
    boolean matches(String model) {
        int at = 0;
        int pattern = 0;
        int star = -1;
        int afterStar = 0;
        while (at < model.length()) {
            if (pattern < text.length() && text.charAt(pattern) == '*') {
                star = pattern++;
                afterStar = at;
            } else if (pattern < text.length() && text.charAt(pattern) == model.charAt(at)) {
                pattern++;
                at++;
            } else if (star >= 0) {
                pattern = star + 1;
                at = ++afterStar;
            } else {
                return false;
            }
        }
        while (pattern < text.length() && text.charAt(pattern) == '*') {
            pattern++;
        }
        return pattern == text.length();
    }

    @Override
    public String toString() {
        return text;
    }
}
