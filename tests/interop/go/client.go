// A client of the standard library against examples/http_server: keep-alive, streamed uploads,
// Expect: 100-continue, HEAD, methods, and a stream of events.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var passed, failed int

func check(name string, err error) {
	if err != nil {
		failed++
		fmt.Printf("FAIL  go: %s: %v\n", name, err)
		return
	}
	passed++
	fmt.Printf("ok    go: %s\n", name)
}

func get(c *http.Client, url string, want int) ([]byte, *http.Response, error) {
	r, err := c.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != want {
		err = fmt.Errorf("status %s", r.Status)
	}
	return b, r, err
}

func main() {
	base := os.Args[1]
	var dials atomic.Int32
	tr := &http.Transport{
		DialContext:           nil,
		ExpectContinueTimeout: 5 * time.Second,
		Dial: func(network, addr string) (net.Conn, error) {
			dials.Add(1)
			return net.Dial(network, addr)
		},
	}
	c := &http.Client{Transport: tr, Timeout: 30 * time.Second}

	body, r, err := get(c, base+"/", 200)
	if err == nil && (string(body) != "Hello, World!" || r.ContentLength != 13 || r.Proto != "HTTP/1.1") {
		err = fmt.Errorf("%q, length %d, %s", body, r.ContentLength, r.Proto)
	}
	check("GET /", err)

	body, _, err = get(c, base+"/json", 200)
	if err == nil && len(body) != 1024 {
		err = fmt.Errorf("%d bytes", len(body))
	}
	check("GET /json is 1 KiB", err)

	for i := 0; i < 50 && err == nil; i++ {
		body, _, err = get(c, base+"/file", 200)
		if err == nil && len(body) != 65536 {
			err = fmt.Errorf("%d bytes", len(body))
		}
	}
	check("GET /file 50 times", err)
	if n := dials.Load(); n != 1 {
		err = fmt.Errorf("%d connections", n)
	}
	check("all on one connection", err)

	body, _, err = get(c, base+"/hello/Gopher%20%2F", 200)
	if err == nil && string(body) != "Hello, Gopher /" && string(body) != "Hello, Gopher /!" {
		err = fmt.Errorf("%q", body)
	}
	check("path value is unescaped", err)

	_, _, err = get(c, base+"/nothing", 404)
	check("404", err)
	r, err = c.Post(base+"/json", "text/plain", strings.NewReader("x"))
	if err == nil {
		r.Body.Close()
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			err = fmt.Errorf("%s, Allow %q", r.Status, r.Header.Get("Allow"))
		}
	}
	check("405 with Allow", err)
	r, err = c.Head(base + "/file")
	if err == nil {
		r.Body.Close()
		if r.StatusCode != 200 || r.ContentLength != 65536 {
			err = fmt.Errorf("%s, length %d", r.Status, r.ContentLength)
		}
	}
	check("HEAD /file", err)

	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	for _, kind := range []string{"length", "chunked", "expect"} {
		req, _ := http.NewRequest("POST", base+"/echo", nil)
		if kind == "chunked" {
			req.Body = io.NopCloser(bytes.NewReader(big))
			req.ContentLength = -1
		} else {
			req.Body = io.NopCloser(bytes.NewReader(big))
			req.ContentLength = int64(len(big))
		}
		if kind == "expect" {
			req.Header.Set("Expect", "100-continue")
		}
		r, err = c.Do(req)
		if err == nil {
			h := sha256.New()
			n, e := io.Copy(h, r.Body)
			r.Body.Close()
			if e != nil {
				err = e
			} else if n != int64(len(big)) || !bytes.Equal(h.Sum(nil), sum(big)) {
				err = fmt.Errorf("%s, %d bytes back", r.Status, n)
			}
		}
		check("POST /echo 1 MiB, "+kind, err)
	}

	var wg sync.WaitGroup
	var wrong atomic.Int32
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := 0; j < 100; j++ {
				b, _, e := get(c, base+"/json", 200)
				if e != nil || len(b) != 1024 {
					wrong.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	err = nil
	if n := wrong.Load(); n != 0 {
		err = fmt.Errorf("%d of 800 went wrong", n)
	}
	check("8 clients at once, 100 requests each", err)

	r, err = c.Get(base + "/events")
	if err == nil {
		line := make(chan string, 1)
		go func() {
			s := bufio.NewScanner(r.Body)
			for s.Scan() {
				if strings.HasPrefix(s.Text(), "data:") {
					line <- s.Text()
					return
				}
			}
			line <- ""
		}()
		select {
		case l := <-line:
			if l == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/event-stream") {
				err = fmt.Errorf("%q, %q", l, r.Header.Get("Content-Type"))
			}
		case <-time.After(10 * time.Second):
			err = fmt.Errorf("no event")
		}
		r.Body.Close()
	}
	check("GET /events streams", err)

	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}
