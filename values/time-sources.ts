/**
 * Onion services whose HTTP answers tell the time: those of sdwdate's default pools that answer plain HTTP,
 * one of each organisation. Compared with Kicksecure/sdwdate, etc/sdwdate.d/30_default.conf, at commit
 * 6f6902324731 (2026): the same but for those that it has under https, and for the second of Bloomberg's. An
 * onion service proves by its address who it is, so no relay between can forge the time. Pools differ in kind,
 * so that no one group of people speaks for two of them: services, infrastructure, newsrooms.
 */
const onion = (name: string): string => `http://${name}.onion/`;

const SERVICES: readonly string[] = [
    "archiveiya74codqgiixo33q62qlrqtkgmcitqx5u2oeqnmn5bpcbiyd",
    "blkchairbknpn73cfjhevhla7rkp4ed5gg2knctvv7it4lioy22defid",
    "danielas3rtn54uwmofdo3x2bsdifr47huasnmbgqzfrec5ubupvtpid",
    "dlegal66uj5u2dvcbrev7vv6fjtwnd4moqu7j6jnd42rmbypv3coigyd",
    "g7ejphhubv5idbbu3hb3wawrs5adw7tkx7yjabnf65xtzztgg4hcsqqd",
    "metagerv65pwclop2rsfzg4jwowpavpwd6grhhlvdgsswvo6ii4akgyd",
    "monerotoruzizulg5ttgat2emf4d6fbmiea25detrmmy7erypseyteyd",
    "startpagel6srwcjlue4zgq3zevrujfaow726kjytqbbjyrswwmjzcqd",
    "stormwayszuh4juycoy4kwoww5gvcu2c4tdtpkup667pdwe4qenzwayd",
    "tv54samlti22655ohq3oaswm64cwf7ulp6wzkjcvdla2hagqcu7uokid",
    "wasabiukrxmkdgve5kynjztuovbg43uxcbcxn6y2okcrsg7gb6jdmbad",
    "zkaan2xfbuxia2wpf7ofnkbz6r5zdbbvxbunvp5g2iebopbfc4iqmbad",
];

const INFRASTRUCTURE: readonly string[] = [
    "7fgb4sq435vg7slw3u7m2ayze3imybpe7qm3htdklreoag3l6n2mtkyd",
    "7sk2kov2xwx6cbc32phynrifegg6pklmzs7luwcggtzrnlsolxxuyfyd",
    "fpfjxcrmw437h6z2xl3w4czl55kvkmxpapg37bbopsafdu7q454byxid",
    "lldan5gahapx5k7iafb3s4ikijc4ni7gx5iywdflkba5y2ezyg6sjgyd",
    "rurcblzhmdk22kttfkel2zduhyu3r6to7knyc7wiorzrx5gw4c3lftad",
    "searxspbitokayvkhzhsnljde7rqmn7rvoga6e4waeub3h7ug3nghoad",
    "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd",
];

const NEWSROOMS: readonly string[] = [
    "33xu4yhum2eiisxm6fntaslayop76fvaqgt3ak5dakdm3t7cub25cead",
    "537ztcntpbmspja4mkpxldpsoc46mqlssnsaklqnfw3gnlpj5glcjgid",
    "6zonlfhh7aqtfwoyvdlad3nxn6ljecx2k6tyyy3spt43nn54q6lvncid",
    "a4zum5ydurvljrohxqp2rjjal5kro4ge2q2qizuonf2jubkhcr627gad",
    "fg25fqpu2dnxp24xs3jlcley4hp2inshpzek44q3czkhq3zffoqk26id",
    "gppg43zz5d2yfuom3yfmxnnokn3zj4mekt55onlng3zs653ty4fio6qd",
    "jatasaqcoe7lqdpcyxo7vl3e5tdvl5jgmtadfat77i25qdj6z6a4ulad",
    "jxsb4ovmavjy3r64bak4ha63xwggf3nzf3vikvs23r2avm5rhzmaqtqd",
    "kogbxf4ysay2qzozmg7ar45ijqmj2vxrwqa4upzqq2i7sqj7wv7wcdqd",
    "mxmddqsh4jnr4gjan37ayin3fu5ecnejxge4wjhj4i45qq5djbxdjtad",
    "nqu6crmtnzs2hs5abo2uqni53yqsnnwqnerdxuzyz5yxairxlzjzt6yd",
    "ogdwaroarq4p6rnfn2hl4crvldyruyc2g24435qtxmd3twhevg7dsqid",
    "q6vdlj2ukulrqk37piqgxucpcwtxzdjhvjzqrfbevuhrzimsgjltmpqd",
    "sdolvtfhatvsysc6l34d65ymdwxcujausv7k5jk4cy5ttzhjoi6fzvyd",
    "tiykfvhb562gheutfnedysnhrxpxoztyszkqyroloyepwzxmxien77id",
    "udhauo3m3fh7v6yfiuornjzxn3fh6vlp4ooo3wogvghcnv5xik6mnayd",
    "uhmj4j5pnwbpmkebfze3qgjmkum465fvok376nxtpku5yvyv5takz6qd",
    "xm33ge4kupk5o66eqxcd2r4fqcplpqb2sbdduf5z2nw4g2jrxe57luid",
    "xp44cagis447k3lpb4wwhcqukix6cgqokbuys24vmxmbzmaq2gjvc2yd",
    "ydbpz5knb6ji3bdtahhm3wo7sed6lsy5vqnwfpnhpez4bquvoexbz7qd",
];

/** Pools for the public Tor network. */
export const ONION_TIME_SOURCES: readonly (readonly string[])[] = Object.freeze(
    [SERVICES, INFRASTRUCTURE, NEWSROOMS].map((pool) => Object.freeze(pool.map(onion))),
);

/** Version 3 onion services (rend-spec-v3, "ONIONADDRESS"). */
export const isOnion = (url: string): boolean =>
    /^http:\/\/([a-z0-9-]+\.)*[a-z2-7]{56}\.onion(:\d+)?\//.test(url);
