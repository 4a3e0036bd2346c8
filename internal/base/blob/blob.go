package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	gocloud "gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// Errors of a Store; test for them with errors.Is.
var (
	ErrNone     = errors.New("blob: there is nothing under this key")
	ErrTooLarge = errors.New("blob: this is larger than allowed")
	ErrKey      = errors.New("blob: this is not a key")
)

// maxKey is the length limit of a key in bytes. It leaves room for the suffix of a
// temporary file (255 bytes in most file systems).
const maxKey = 200

var keys = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*(\.[a-z0-9]{1,8})?$`)

// Store is an open folder of blobs. It is safe for concurrent use.
type Store struct {
	dir    string
	bucket *gocloud.Bucket
}

// Open opens the folder dir. If it does not exist, Open creates it with mode 0700. It
// removes temporary files that a crash left.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := sweep(dir, time.Now()); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	b, err := fileblob.OpenBucket(dir, &fileblob.Options{
		DirFileMode: 0o700,
		NoTempDir:   true, // a rename is atomic only within one file system
		// Metadata files would not be replaced atomically with their blob: a
		// concurrent reader would fail.
		Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return &Store{dir: dir, bucket: b}, nil
}

// Close releases the folder.
func (s *Store) Close() error { return s.bucket.Close() }

// Put writes everything r returns to key, replacing what was there, and returns the size in
// bytes. More than max bytes are ErrTooLarge. After an error the key still holds what it
// held before.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, max int64) (size int64, err error) {
	if err := check(key); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("put %s: %w", key, err)
		}
	}()
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var file *os.File
	w, err := s.bucket.NewWriter(ctx, key, &gocloud.WriterOptions{
		ContentType: ContentType(key),
		BeforeWrite: func(as func(any) bool) error {
			as(&file)
			return nil
		},
	})
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(w, io.LimitReader(r, max+1))
	if err == nil && size > max {
		err = ErrTooLarge
	}
	if err == nil && file != nil {
		err = file.Sync() // durability: content must reach the disk before the rename
	}
	if err != nil {
		giveUp() // makes Close remove the temporary file
		_ = w.Close()
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return size, s.syncFolder(key)
}

// syncFolder flushes the directory entry, so that the rename survives a power cut.
func (s *Store) syncFolder(key string) error {
	d, err := os.Open(filepath.Dir(filepath.Join(s.dir, filepath.FromSlash(key))))
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// ContentType returns the media type for the extension of a key. Domains validate uploaded
// bytes before they choose a key, so the extension can be trusted.
func ContentType(key string) string {
	switch path.Ext(key) {
	case ".ogg":
		return "audio/ogg"
	case ".jpg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}

// Reader reads one blob. It has Size, ModTime and Seek, which http.ServeContent needs.
type Reader struct {
	*gocloud.Reader
	key string
}

// ContentType returns the media type for the extension of the key.
func (r *Reader) ContentType() string { return ContentType(r.key) }

// Open returns a reader of the whole blob. The caller closes it.
func (s *Store) Open(ctx context.Context, key string) (*Reader, error) {
	return s.Range(ctx, key, 0, -1)
}

// Range returns a reader of length bytes from offset; a negative length means to the end.
// The caller closes it.
func (s *Store) Range(ctx context.Context, key string, offset, length int64) (*Reader, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	r, err := s.bucket.NewRangeReader(ctx, key, offset, length, nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, fold(err))
	}
	return &Reader{r, key}, nil
}

// Delete removes the blob. It is no error if there is none.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	if err := fold(s.bucket.Delete(ctx, key)); err != nil && !errors.Is(err, ErrNone) {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

func fold(err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return ErrNone
	}
	return err
}

func check(key string) error {
	if len(key) > maxKey || !keys.MatchString(key) || reserved(key) {
		return fmt.Errorf("%w: %.60q", ErrKey, key)
	}
	return nil
}

// reserved reports whether a key ends like the auxiliary files of fileblob.
func reserved(key string) bool {
	return strings.HasSuffix(key, ".attrs") || strings.HasSuffix(key, ".tmp")
}

// sweep removes temporary files of writes that a crash interrupted. Files younger than an
// hour may belong to another process that is still writing.
func sweep(dir string, now time.Time) error {
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".tmp") {
			return err
		}
		i, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || now.Sub(i.ModTime()) < time.Hour {
			return err
		}
		return os.Remove(name)
	})
}
