"use strict";

// Preloaded (node --require) into every Node.js process that our language host starts: Pulumi programs,
// policy packs and source plugins. @pulumi/pulumi prepares at start-up, and again for every resource and
// promise, for things that most programs never do. Here that is put off until it is needed, or left out where
// it serves debugging only:
//
//   typescript, @npmcli/arborist, normalize-package-data   for serialising closures (dynamic providers, function code)
//   V8's debugger                                          for the same
//   @opentelemetry/* and its exporters                     for traces (--otel-traces, --tracing)
//   ./automation                                           for the Automation API
//   the stack of every promise                             for reports of promises that never end; left out unless
//                                                          PULUMI_DEBUG_PROMISE_LEAKS is set
//   the position in the source of every resource           a remark in the state; left out
//   source maps of libraries                               for stack traces; those of the program stay
//
// A deferred module is a stand-in that loads the real one when anything of it is used. Nothing outside
// @pulumi/pulumi is affected. SALLYPORT_EAGER_MODULES=1 switches all of this off.

const Module = require("node:module");

/** Modules that are used through their namespace, `ns.member`: the first use of a member loads the module. */
const NAMESPACES = new Set(["typescript", "@npmcli/arborist", "normalize-package-data", "./automation"]);

/**
 * Modules that are taken apart at once, `const { Member } = require(…)`: members are deferred one by one as
 * well.
 */
const TAKEN_APART = new Set([
    "@opentelemetry/exporter-zipkin",
    "@opentelemetry/instrumentation",
    "@opentelemetry/instrumentation-grpc",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-trace-base",
    "@opentelemetry/sdk-trace-node",
]);

/** Files of @pulumi/pulumi that need these modules from the start when they are loaded at all. */
const EAGER_FILES = /^(tsutils|cmd\/run\/instrumentation|cmd\/[\w-]+\/hooks)\.js$/;
/** A file of @pulumi/pulumi itself; the group is its path in the package. */
const PULUMI_FILE = /\/@pulumi\/pulumi\/((?!node_modules\/)[^]*\.js)$/;

/**
 * A stand-in for the value that `load` returns. Every operation on it is passed on to the real value, which
 * the first one loads. `peek` may answer for a member without loading: it returns undefined when it cannot.
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
 * The stand-in for a module. It says that it is an ES module, so that TypeScript's __importStar does not copy
 * it member by member; `default`, which is what __importDefault then reads of a CommonJS module, is that
 * module itself.
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

/**
 * V8's debugger, connected late. @pulumi/pulumi enables it at start-up, which slows everything down, and then
 * listens for the scripts that are parsed. V8 reports the scripts that it has parsed before when the debugger
 * is enabled, so enabling it once somebody listens loses nothing.
 */
function lateInspector(inspector) {
    class LateSession extends inspector.Session {
        post(method, ...rest) {
            if (method === "Debugger.enable") {
                process.nextTick(rest[rest.length - 1], null, {});
                return;
            }
            super.post(method, ...rest);
        }
        addListener(event, listener) {
            super.addListener(event, listener);
            if (event === "Debugger.scriptParsed") {
                super.post("Debugger.enable");
            }
            return this;
        }
    }
    return { ...inspector, Session: LateSession };
}

/** What is changed in files of @pulumi/pulumi once they are loaded, by their path in the package. */
const PATCHES = {
    "runtime/debuggable.js": (exports) => {
        if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
            return;
        }
        const { debuggablePromise } = exports;
        exports.debuggablePromise = (...args) => {
            const limit = Error.stackTraceLimit;
            Error.stackTraceLimit = 0;
            try {
                return debuggablePromise(...args);
            } finally {
                Error.stackTraceLimit = limit;
            }
        };
    },
    "resource.js": (exports) => {
        exports.Resource.callsites = () => [];
    },
};

const NO_MAP = { version: 3, sources: [], names: [], mappings: "" };
const loadFrom = (request, parent) => Module._load(request, parent, false);

/** Where a request from a file of @pulumi/pulumi is answered differently; undefined where it is not. */
function answer(request, parent, load) {
    const importer = PULUMI_FILE.exec(parent.filename)?.[1];
    if (importer === undefined) {
        return undefined;
    }
    if ((NAMESPACES.has(request) || TAKEN_APART.has(request)) && !EAGER_FILES.test(importer)) {
        // A module that does not exist must be reported where it is required: @pulumi/pulumi falls back to
        // its own copy of TypeScript then.
        Module._resolveFilename(request, parent, false);
        return deferredModule(load, TAKEN_APART.has(request));
    }
    if (request.endsWith("/v8Hooks") && importer.startsWith("cmd/")) {
        return { isInitializedAsync: () => Promise.resolve() }; // the serialiser initialises it itself
    }
    if (request === "source-map-support/register") {
        // Maps of the program alone: those of libraries are megabytes, and @grpc/grpc-js makes an error, with
        // its stack, of every call that is refused, which is how @pulumi/pulumi asks what the engine can.
        loadFrom("source-map-support", parent).install({
            retrieveSourceMap: (file) =>
                file.includes("/node_modules/") ? { url: file, map: NO_MAP } : null,
        });
        return {};
    }
    if (request === "inspector") {
        return lateInspector(load());
    }
    return undefined;
}

function install() {
    const loadNow = Module._load;
    Module._load = function (request, parent, isMain) {
        const load = () => loadNow.call(this, request, parent, isMain);
        return (parent?.filename ? answer(request, parent, load) : undefined) ?? load();
    };
    // Called once for each file, before those that required it go on.
    const run = Module._extensions[".js"];
    Module._extensions[".js"] = function (module, filename) {
        run.call(this, module, filename);
        const file = PULUMI_FILE.exec(filename)?.[1];
        if (file !== undefined && Object.hasOwn(PATCHES, file)) {
            PATCHES[file](module.exports);
        }
    };
}

if (process.env.SALLYPORT_EAGER_MODULES !== "1") {
    install();
}

module.exports = { deferred, deferredModule };
