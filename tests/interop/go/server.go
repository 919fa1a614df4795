// A server of the standard library for examples/http_get and http_post.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	pattern := strings.Repeat("0123456789abcdef", 4096) // 64 KiB
	http.HandleFunc("/length", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(pattern)))
		io.WriteString(w, pattern)
	})
	http.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(pattern); i += 1000 {
			io.WriteString(w, pattern[i:min(i+1000, len(pattern))])
			w.(http.Flusher).Flush()
		}
	})
	http.HandleFunc("/close", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, pattern)
	})
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 10; i++ {
			fmt.Fprintf(w, "part %d\n", i)
			w.(http.Flusher).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	})
	http.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	http.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		io.WriteString(w, "after early hints")
	})
	http.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, pattern[:5000])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	http.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		fmt.Fprintf(w, "%s %s %v %s", r.Method, r.Header.Get("Content-Type"), r.ContentLength, b)
	})
	http.ListenAndServe(os.Args[1], nil)
}
