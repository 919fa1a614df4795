// Go's net/http with one thread for Go code:  GOMAXPROCS=1 server PORT FOLDER
package main

import (
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	for _, route := range [][3]string{
		{"GET /{$}", "index.html", "text/plain; charset=utf-8"},
		{"GET /json", "json", "application/json"},
		{"GET /file", "file", "application/octet-stream"},
	} {
		body, err := os.ReadFile(filepath.Join(os.Args[2], route[1]))
		if err != nil {
			panic(err)
		}
		http.HandleFunc(route[0], func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", route[2])
			w.Write(body)
		})
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
