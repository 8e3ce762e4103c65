namespace Ecom.Training.Runs;

/// <summary>The last lines that a process wrote.</summary>
internal sealed class LogTail
{
    private const int Lines = 100;
    private const int LineCharacters = 500;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        // PostgreSQL's text cannot hold a zero byte.
        var clean = line.Replace("\0", string.Empty, StringComparison.Ordinal);
        lock (_gate)
        {
            _lines.Enqueue(clean.Length > LineCharacters ? clean[..LineCharacters] : clean);
            if (_lines.Count > Lines)
            {
                _lines.Dequeue();
            }
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return string.Join('\n', _lines);
        }
    }
}
