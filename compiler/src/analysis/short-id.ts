/** The id of a rule, an exception or a proof without its module's name. */
export const shortId = ({ id }: { readonly id: string }): string => id.slice(id.indexOf("/") + 1);
