/* words.c: what messages to officers look like, and the templates a force can edit. */
#include "commands/command.h"
#include "core/hash.h"
#include "sinks/oic/mime.h"
#include "sinks/oic/settings.h"
#include "sinks/oic/wording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct { const char *templates, *write, *show, *as, *try, *to, *config; bool check, names; } o = { .show = "alert", .as = "text", .config = "oic.yaml" };

static const struct opt options[] = {
    { "templates", "DIR", "templates of your own: subject.txt, message.txt, message.html (built in)", OPT_TEXT, &o.templates, 0, 0 },
    { "show", "alert|digest|follow-up|handover|opening", "which invented message to show (alert)", OPT_CHOICE, &o.show, 0, 0 },
    { "as", "text|html|json|mail", "in which form (text)", OPT_CHOICE, &o.as, 0, 0 },
    { "check", NULL, "only say whether the templates can be used, and if not, which line is wrong", OPT_FLAG, &o.check, 0, 0 },
    { "names", NULL, "list the names a template may use", OPT_FLAG, &o.names, 0, 0 },
    { "try", "CHANNEL", "send the invented message through a channel of the configuration, once; with --to", OPT_TEXT, &o.try, 0, 0 },
    { "to", "RECIPIENT", "whom it is sent to", OPT_TEXT, &o.to, 0, 0 },
    { "config", "FILE", "of the officer alerts, for --try: its channels and its templates (oic.yaml)", OPT_TEXT, &o.config, 0, 0 },
    { "write", "DIR", "put the built-in templates into a folder, to be edited; what is there is not touched", OPT_TEXT, &o.write, 0, 0 },
};

static enum err write_one(const char *dir, enum wording_file f, struct why *why)
{
    struct text t = wording_builtin(f);
    char path[4096];
    int fd;
    enum err e = E_OK;

    if (snprintf(path, sizeof path, "%s/%s", dir, wording_file_name(f)) >= (int)sizeof path)
        return E_USAGE;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        why_set(why, "%s is not written: %s", path, strerror(errno));
        return E_IO;
    }
    if (write(fd, t.p, t.n) != (ssize_t)t.n) {
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
        e = E_IO;
    }
    close(fd);
    if (!e)
        printf("%s\n", path);
    return e;
}

static enum err write_all(const char *dir, struct why *why)
{
    enum err e = E_OK;

    if (mkdir(dir, 0755) && errno != EEXIST) {
        why_set(why, "%s cannot be made: %s", dir, strerror(errno));
        return E_IO;
    }
    for (int f = 0; f < WORDING_FILES && !e; f++)
        e = write_one(dir, (enum wording_file)f, why);
    return e;
}

static enum message_kind kind_shown(void)
{
    int kind = 0;

    while (strcmp(o.show, message_kind_name((enum message_kind)kind)))
        kind++;
    return (enum message_kind)kind;
}

static enum err print_mail(const struct message *m, const struct rendered *r)
{
    static const struct mime_sender from = { "alerts@police.example", "Victims' Code alerts" };
    struct page page = { 0 };
    enum err e = mime_write(&page, &from, m, r);

    if (!e)
        fwrite(page.p, 1, page.n, stdout);
    page_fini(&page);
    return e;
}

static enum err show(const struct wording *w)
{
    const struct message *m = wording_example(kind_shown());
    struct wording_desk *desk;
    struct rendered r;
    enum err e = wording_desk_open(&desk);

    if (!e)
        e = wording_render(w, desk, m, &r);
    if (!e && !strcmp(o.as, "mail"))
        e = print_mail(m, &r);
    else if (!e && !strcmp(o.as, "text"))
        printf("Subject: " TEXT_FMT "\n\n" TEXT_FMT, TEXT_ARG(r.subject), TEXT_ARG(r.plain));
    else if (!e)
        printf(TEXT_FMT "\n", TEXT_ARG(o.as[0] == 'j' ? r.json : r.html));
    wording_desk_close(&desk);
    return e;
}

/* One attempt, and what the other side says. The id is new each time: nobody takes it for one that was seen. */
static int try_out(void)
{
    static const char *const became[] = { "taken", "not now", "refused for good", "the channel does not work" };
    struct settings *s = NULL;
    struct wording *w = NULL;
    struct wording_desk *desk = NULL;
    struct message m = *wording_example(kind_shown());
    struct rendered r;
    struct why why = { "" };
    size_t at;
    enum delivery d = DELIVERY_LATER;
    enum err e;

    hash_random(m.id, sizeof m.id);
    memset(m.thread, 0, sizeof m.thread);
    m.to = text_of(o.to);
    if ((e = settings_open(o.config, &s, &why)) || (e = wording_open(o.templates ? o.templates : s->templates[0] ? s->templates : NULL, &w, &why)) ||
        (e = wording_desk_open(&desk)))
        goto out;
    at = channels_find(s->channels, text_of(o.try));
    if (at == channels_count(s->channels)) {
        why_set(&why, "%s names no channel '%s'", o.config, o.try);
        e = E_USAGE;
        goto out;
    }
    m.channel = channels_name(s->channels, at);
    if (!(e = message_check(&m, &why)) && !(e = wording_render(w, desk, &m, &r))) {
        d = channels_send(s->channels, at, 0, &m, &r, &why);
        printf("%s: %s\n", became[d], why.text);
    }
out:
    wording_desk_close(&desk);
    wording_close(&w);
    settings_close(&s);
    return e ? command_failed(e, &why) : d == DELIVERED ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct opt_list *operands)
{
    struct wording *w = NULL;
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&words_command, "takes no operands");
    if (o.names) {
        wording_print_names(stdout);
        return EXIT_DONE;
    }
    if (o.write)
        return (e = write_all(o.write, &why)) ? command_failed(e, &why) : EXIT_DONE;
    hash_init();
    if (o.try && !o.to)
        return command_misused(&words_command, "--try wants --to");
    if (o.try)
        return try_out();
    if (!(e = wording_open(o.templates, &w, &why)) && o.check)
        printf("the templates can be used\n");
    else if (!e)
        e = show(w);
    wording_close(&w);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command words_command = {
    .name = "words",
    .summary = "what messages to officers look like, and their templates",
    .usage = "[OPTION...]",
    .about = "Shows an invented message as an officer would get it: built in, or by templates of your own. What a message may say\n"
             "of a victim is fixed; templates arrange it, in a part of the Mustache language. docs/alerts-channels.md says how.\n",
    .examples = "  rightswatch words --show digest\n"
                "  rightswatch words --as html >alert.html\n"
                "  rightswatch words --try mail --to 20533@force.example --config oic.yaml\n"
                "  rightswatch words --write templates && rightswatch words --templates templates --check\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
