# rightswatch. `make help` lists what can be asked for.
MODE  ?= debug
CC    ?= gcc
B     := build/$(MODE)

PKGS  := libzmq libprotobuf-c lmdb yaml-0.1 jansson zlib libsodium libmicrohttpd libcurl
WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings \
         -Wvla -Wformat=2 -Wundef -Werror=implicit-function-declaration -Werror=incompatible-pointer-types \
         -Werror=return-type -Werror=unused-result -Werror=format -Werror=int-conversion
FLAGS_debug   := -O1 -g3
# A release runs on any x86 of the last ten years, and can be counted instruction by instruction (callgrind knows no AVX-512).
# What is zeroed or copied at one go is a struct of some hundred bytes: by vectors. Unasked gcc takes an instruction that is slow to begin.
WIDE := -mmove-max=256 -mstore-max=256 -mmemset-strategy=vector_loop:256:noalign,libcall:-1:noalign -mmemcpy-strategy=vector_loop:256:noalign,libcall:-1:noalign
ARCH ?= $(if $(filter x86_64,$(shell uname -m)),-march=x86-64-v3 $(shell $(CC) $(WIDE) -E -x c /dev/null >/dev/null 2>&1 && echo "$(WIDE)"))
FLAGS_release := -O3 -g $(ARCH) -flto=auto $(PROFILE)
FLAGS_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_fuzz    := -O1 -g3 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(MODE),fuzz)
CC := clang
endif
WERROR ?=
CFLAGS  := -std=c11 -D_GNU_SOURCE $(FLAGS_$(MODE)) $(WARN) $(WERROR)
CPPFLAGS = -I. -I$(B)/gen -MMD -MP $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS := $(FLAGS_$(MODE))
LDLIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -llpsolve55 -lcolamd -ldl -lpthread -lm

PROTO := $(patsubst proto/%.proto,$(B)/gen/proto/%.pb-c.o,$(wildcard proto/*.proto))
# In the order they may know of each other: a stage knows rules, rules know core.
PARTS := commands sinks/oic sinks/opcc sinks processors producers/connect producers/simulate producers rules core
LIBS  := $(PARTS:%=$(B)/%.a) $(B)/proto.a
objs   = $(patsubst %.c,$(B)/%.o,$(filter-out commands/main.c,$(wildcard $(1)/*.c)))

.DELETE_ON_ERROR:
.PHONY: all run fines test test-long check trained bench benches layers pictures fuzz fuzzers clean help
Q ?= @
say = @echo "  $(1)	$(2)" | expand -t 8

all: $(B)/rightswatch                  ## build the program into build/$(MODE)/

$(B)/rightswatch: $(B)/commands/main.o $(LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# What is missing on the machine is installed first; the stamps say it was looked at. What only the tests need
# (a browser, a mail server) is not put on a machine that only builds and runs.
build/packages: deploy/packages deploy/install-packages
	$(Q)mkdir -p build
	$(Q)deploy/install-packages
	$(Q)touch $@
build/packages-of-tests: build/packages
	$(Q)deploy/install-packages tests
	$(Q)touch $@

$(B)/gen/proto/%.pb-c.c $(B)/gen/proto/%.pb-c.h: proto/%.proto | build/packages
	@mkdir -p $(B)/gen/proto
	$(call say,PROTO,$<)
	$(Q)protoc-c --c_out=$(B)/gen/proto -Iproto $*.proto
# A message may hold another: all headers are there before the first is compiled.
$(B)/gen/proto/%.pb-c.o: $(B)/gen/proto/%.pb-c.c | $(PROTO:.o=.c)
	$(Q)$(CC) -std=c11 $(FLAGS_$(MODE)) $(CPPFLAGS) -c $< -o $@
$(B)/proto.a: $(PROTO)
	$(Q)$(AR) rcs $@ $^

define part
$(B)/$(1).a: $(call objs,$(1))
	@mkdir -p $$(@D); rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach p,$(PARTS),$(eval $(call part,$(p))))

$(B)/%.o: %.c | $(PROTO)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# The program carries the default edition and calendar inside, and the words of its messages.
$(B)/rules/builtin.o: rules/editions/victims-code-2021.yaml rules/calendars/england-and-wales.json
$(B)/sinks/oic/wording_builtin.o: $(wildcard sinks/oic/templates/*)
$(B)/sinks/opcc/render_html.o: sinks/opcc/page.css
$(B)/rules/builtin.o $(B)/sinks/oic/wording_builtin.o $(B)/sinks/opcc/render_html.o: CFLAGS += -fno-lto

# Tests: one program a file, linked with the parts it tests and what those stand on; the long ones begin first.
LONG  := tests/crash/kill_test.c tests/e2e/report_test.c
TESTS := $(patsubst %.c,$(B)/%,$(LONG) $(filter-out $(LONG),$(wildcard tests/law/*.c tests/crash/*.c tests/e2e/*.c tests/unit/*.c)))
KIT   := $(patsubst %.c,$(B)/%.o,$(wildcard tests/kit/*.c))
$(B)/tests/%: $(B)/tests/%.o $(KIT) $(LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) $(shell pkg-config --libs criterion) -lglpk -o $@

$(TESTS:=.o) $(KIT): | build/packages-of-tests
test: $(B)/rightswatch $(TESTS)        ## install what is missing, build, run every test
	@RIGHTSWATCH=$(abspath $(B)/rightswatch) tests/run $(TESTS)

test-long: $(B)/rightswatch | build/packages-of-tests ## the oracle over ROUNDS=50 times ten thousand random journeys
	@python3 tests/law/oracle.py $(B)/rightswatch --journeys 10000 --rounds $(or $(ROUNDS),50)

run: $(B)/rightswatch                  ## the same, and follow the Easter week of a made-up force, extract by extract
	@rm -rf build/week
	@$(B)/rightswatch simulate --out build/week --crimes 14 --from 2026-03-30 --to 2026-04-05 --until 2026-04-09 --every 3h --seed 6 --json >/dev/null
	@$(B)/rightswatch run --once --data build/week/data --connect build/week/drop --connect-patience 0s || [ $$? = 1 ]  # one was cut short, and is refused

DATA ?= ../shared/data
fines: $(B)/rightswatch | build/packages-of-tests ## 561,470 real events of another regime: each due date against the log's own
	@tests/bench/fines $(B)/rightswatch $(DATA)/road-traffic-fines.csv.gz build/fines

check: layers | build/packages-of-tests ## includes run one way; both compilers, no warning
	$(Q)$(MAKE) --no-print-directory all CC=gcc B=build/check-gcc WERROR=-Werror
	$(Q)$(MAKE) --no-print-directory all CC=clang B=build/check-clang WERROR=-Werror

layers:                                ## prove that includes run one way and each library has one door
	@tests/layers

pictures: $(B)/rightswatch | build/packages-of-tests ## the pictures of docs/alerts-channels.md again; needs chromium
	@tests/pictures $(B)/rightswatch docs/pictures

BENCHES := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
bench: trained | build/packages-of-tests ## measure, check and print, beside PEERS=../shared/peers; SIZE=100k,1M RUNS=3: tests/bench/run --help
	@RIGHTSWATCH=build/trained/rightswatch tests/bench/run
benches: $(B)/rightswatch $(BENCHES)

# The compiler is told what is often done and what is not by the program itself, at work on a year of events under both rule books.
TRAINED = $(MAKE) --no-print-directory MODE=release B=build/trained benches
trained: build/trained/stamp           ## build/trained/rightswatch: a release compiled twice, the second time by what the first did
build/trained/stamp: Makefile tests/bench/train $(wildcard *.def */*.[ch] */*/*.[ch] */*.def rules/editions/* tests/bench/*.c proto/*) | build/packages
	$(Q)rm -rf build/trained
	$(Q)$(TRAINED) PROFILE="-fprofile-generate -fprofile-update=prefer-atomic"
	$(Q)tests/bench/train build/trained
	$(Q)find build/trained -name '*.[oa]' -delete
	$(Q)$(TRAINED) PROFILE="-fprofile-use -fprofile-partial-training -Wno-missing-profile"
	$(Q)touch $@

# Fuzzers: one program a file, each for SECONDS on its seeds.
SECONDS ?= 60
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
fuzz: | build/packages-of-tests        ## feed every parser hostile bytes for SECONDS=60 each
	$(Q)$(MAKE) --no-print-directory MODE=fuzz fuzzers
	@tests/fuzz/run $(SECONDS) build/fuzz/tests/fuzz
fuzzers: $(FUZZERS)

# Kept, though made on the way to something else.
.SECONDARY: $(PROTO:.o=.c) $(TESTS:=.o) $(KIT) $(BENCHES:=.o) $(FUZZERS:=.o)

clean:                                 ## remove build/
	rm -rf build

help:                                  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

-include $(shell find $(B) -name '*.d' 2>/dev/null)
