/* room.c - an empty program that a whole room is linked into, with nothing but what that room may use. */
int main(void)
{
    return 0;
}
