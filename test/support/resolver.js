/** What a package exports to importers only is found as well; jest requires. */
module.exports = (request, options) => {
    try {
        return options.defaultResolver(request, options);
    } catch (error) {
        const conditions = [...(options.conditions ?? []), "import"];
        try {
            return options.defaultResolver(request, { ...options, conditions });
        } catch {
            throw error;
        }
    }
};
