/* replay.c - runs a fuzz target once over each file of the given folders, so that kept corpora are tests of every build. */
#include "base/base.h"

#include <dirent.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The input lies in memory of exactly its size, so that a sanitizer sees a read behind it. */
static void replay_file(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    check(f && fstat(fileno(f), &st) == 0);
    size_t n = (size_t)st.st_size;
    uint8_t *data = malloc(n ? n : 1);
    check(data && fread(data, 1, n, f) == n);
    fclose(f);
    LLVMFuzzerTestOneInput(data, n);
    free(data);
}

static int replay_folder(const char *folder)
{
    int files = 0;
    DIR *dir = opendir(folder);
    if (!dir) return 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[4096];
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        replay_file(path);
        files++;
    }
    closedir(dir);
    return files;
}

int main(int argc, char **argv)
{
    int files = 0;
    for (int i = 1; i < argc; i++) files += replay_folder(argv[i]);
    printf("%d inputs\n", files);
    return files == 0;
}
