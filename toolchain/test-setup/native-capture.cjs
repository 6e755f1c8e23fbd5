// A function that captures native code, which cannot be serialised.
const native = function () {}.bind({});
module.exports = () => native;
