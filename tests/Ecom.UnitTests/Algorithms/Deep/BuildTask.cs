// Stands in for MSBuild's type, so that the build's own task can be compiled into the tests.
namespace Microsoft.Build.Utilities;

/// <summary>What a build task is, as far as ours needs it.</summary>
public abstract class Task
{
    public abstract bool Execute();
}
