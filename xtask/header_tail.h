
/* ------------------------------------------------------------------------------------------------
 * Helpers
 * ------------------------------------------------------------------------------------------------ */

/** The number of elements of an array. */
#define DUNLIN_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/** A driver's own error code, 0 ..= 999999, as a result. */
#define DUNLIN_ERR_DRIVER(code) (-10000 - (int32_t)(code))
//! needs dunlin_str

/** The two arguments of a "%.*s" that prints a struct dunlin_str. */
#define DUNLIN_STR_ARG(str) ((int)(str).len), ((str).ptr ? (str).ptr : "")
//! needs dunlin_poll_item

/** An element of the set of dunlin_poll(). */
#define DUNLIN_POLL(handle, events) { (handle), (uint16_t)(events), 0 }
//! needs dunlin_http_header

/** An element of an array of fields. */
#define DUNLIN_HTTP_HEADER(name, value) { (name), (value), NULL }
//! needs dunlin_http_route

/** An element of an array of routes. */
#define DUNLIN_HTTP_ROUTE(pattern, handler, ctx) { (pattern), (handler), (ctx), NULL }

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_DUNLIN_H */
