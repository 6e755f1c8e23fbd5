"use strict";

// Preloaded (node --require) into every Node.js process that our language host starts: Pulumi programs, policy packs and
// source plugins. It makes @pulumi/pulumi start in a third of the time by deferring modules that it requires at start-up
// but that most programs never touch:
//
//   typescript, @npmcli/arborist, normalize-package-data   for serialising closures (dynamic providers, function code)
//   @opentelemetry/* and its exporters                     for traces (only with --otel-traces or --tracing)
//   ./automation                                           for the Automation API
//
// A deferred module is a stand-in that loads the real one when anything of it is used, so everything still works, only
// later. Nothing outside @pulumi/pulumi is affected. Set SALLYPORT_EAGER_MODULES=1 to switch the deferral off.

const Module = require("node:module");

/** Modules that are used through their namespace, `ns.member`: the first use of a member loads the module. */
const NAMESPACES = new Set(["typescript", "@npmcli/arborist", "normalize-package-data", "./automation"]);

/** Modules that are taken apart at once, `const { Member } = require(…)`: members are deferred one by one as well. */
const TAKEN_APART = new Set([
    "@opentelemetry/exporter-zipkin",
    "@opentelemetry/instrumentation",
    "@opentelemetry/instrumentation-grpc",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-trace-base",
    "@opentelemetry/sdk-trace-node",
]);

/** Files of @pulumi/pulumi that need these modules from the start when they are loaded at all. */
const EAGER_FILES = /[\\/]@pulumi[\\/]pulumi[\\/](tsutils|cmd[\\/]run[\\/]instrumentation|cmd[\\/][\w-]+[\\/]hooks)\.js$/;
const PULUMI_FILE = /[\\/]@pulumi[\\/]pulumi[\\/](?!node_modules[\\/])[^]*\.js$/;

/**
 * A stand-in for the value that `load` returns. Every operation on it is passed on to the real value, which the first one
 * loads. `peek` may answer for a member without loading: it returns undefined when it cannot.
 */
function deferred(load, peek = () => undefined) {
    let real;
    let loaded = false;
    const value = () => {
        if (!loaded) {
            real = load();
            loaded = true;
        }
        return real;
    };
    // A bound function can be called and constructed, and has no property that a proxy must not contradict.
    const target = function () {}.bind();
    return new Proxy(target, {
        get: (_, key) => peek(key) ?? Reflect.get(Object(value()), key),
        set: (_, key, v) => Reflect.set(value(), key, v),
        has: (_, key) => Reflect.has(value(), key),
        deleteProperty: (_, key) => Reflect.deleteProperty(value(), key),
        ownKeys: () => Reflect.ownKeys(value()),
        getOwnPropertyDescriptor: (_, key) => {
            const found = Reflect.getOwnPropertyDescriptor(value(), key);
            return found && { ...found, configurable: true };
        },
        defineProperty: (_, key, descriptor) => Reflect.defineProperty(value(), key, descriptor),
        getPrototypeOf: () => Reflect.getPrototypeOf(value()),
        apply: (_, self, args) => Reflect.apply(value(), self, args),
        construct: (_, args) => Reflect.construct(value(), args),
    });
}

/**
 * The stand-in for a module. It says that it is an ES module, so that TypeScript's __importStar does not copy it member
 * by member; `default`, which is what __importDefault then reads of a CommonJS module, is that module itself.
 */
function deferredModule(load, takenApart) {
    return deferred(load, (key) => {
        if (key === "__esModule") {
            return true;
        }
        if (key === "default") {
            return deferred(() => (load().__esModule ? load().default : load()));
        }
        return takenApart && typeof key === "string" ? deferred(() => load()[key]) : undefined;
    });
}

function install() {
    const loadNow = Module._load;
    Module._load = function (request, parent, isMain) {
        const known = NAMESPACES.has(request) || TAKEN_APART.has(request);
        if (!known || !parent || !PULUMI_FILE.test(parent.filename) || EAGER_FILES.test(parent.filename)) {
            return loadNow.call(this, request, parent, isMain);
        }
        // A module that does not exist must be reported where it is required: @pulumi/pulumi falls back to its own copy
        // of TypeScript then.
        Module._resolveFilename(request, parent, false);
        return deferredModule(() => loadNow.call(this, request, parent, isMain), TAKEN_APART.has(request));
    };
}

if (process.env.SALLYPORT_EAGER_MODULES !== "1") {
    install();
}

module.exports = { deferred, deferredModule };
