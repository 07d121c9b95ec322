# rightswatch. `make help` lists what can be asked for.
MODE  ?= debug
CC    ?= gcc
B     := build/$(MODE)

PKGS  := libzmq libprotobuf-c lmdb yaml-0.1 jansson zlib libsodium libxxhash
WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings \
         -Wvla -Wformat=2 -Wundef -Werror=implicit-function-declaration -Werror=incompatible-pointer-types \
         -Werror=return-type -Werror=unused-result -Werror=format -Werror=int-conversion
FLAGS_debug   := -O1 -g3
FLAGS_release := -O3 -g -march=native -flto=auto
FLAGS_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_fuzz    := -O1 -g3 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(MODE),fuzz)
CC := clang
endif
WERROR ?=
CFLAGS  := -std=c11 -D_GNU_SOURCE $(FLAGS_$(MODE)) $(WARN) $(WERROR)
CPPFLAGS = -I. -I$(B)/gen -MMD -MP $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS := $(FLAGS_$(MODE))
LDLIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -lpthread -lm

PROTO := $(patsubst proto/%.proto,$(B)/gen/proto/%.pb-c.o,$(wildcard proto/*.proto))
# In the order they may know of each other: a stage knows rules, rules know core.
PARTS := commands sinks processors producers rules core
LIBS  := $(PARTS:%=$(B)/%.a) $(B)/proto.a
objs   = $(patsubst %.c,$(B)/%.o,$(filter-out commands/main.c,$(wildcard $(1)/*.c)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all run test check bench layers fuzz clean help deps

all: $(B)/rightswatch                  ## build the program into build/$(MODE)/

$(B)/rightswatch: $(B)/commands/main.o $(LIBS)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/gen/proto/%.pb-c.c $(B)/gen/proto/%.pb-c.h: proto/%.proto
	@mkdir -p $(B)/gen/proto
	protoc-c --c_out=$(B)/gen/proto -Iproto $*.proto
$(B)/gen/proto/%.pb-c.o: $(B)/gen/proto/%.pb-c.c
	$(CC) -std=c11 $(FLAGS_$(MODE)) $(CPPFLAGS) -c $< -o $@
$(B)/proto.a: $(PROTO)
	$(AR) rcs $@ $^

define part
$(B)/$(1).a: $(call objs,$(1))
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach p,$(PARTS),$(eval $(call part,$(p))))

$(B)/%.o: %.c | $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# Tests: one program a file, linked with the parts it tests and what those stand on.
TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c tests/law/*.c tests/e2e/*.c tests/crash/*.c))
KIT   := $(patsubst %.c,$(B)/%.o,$(wildcard tests/kit/*.c))
$(B)/tests/%: $(B)/tests/%.o $(KIT) $(LIBS)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) $(shell pkg-config --libs criterion) -o $@

test: deps $(B)/rightswatch $(TESTS)   ## install what is missing, build, run every test
	@RIGHTSWATCH=$(B)/rightswatch tests/run $(TESTS)

clean:                                 ## remove build/
	rm -rf build

help:                                  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

-include $(shell find $(B) -name '*.d' 2>/dev/null)
